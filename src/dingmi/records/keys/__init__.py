"""The keys of the levels, and who may ask what of them. 密钥。

Level keys rest in a custody (``custody``) and are used through a ring (``ring``): in this process, or, where ``dingmi up``
started the key service, in that one, over a socket (``service``, ``client``). Everything outside this package asks through the
functions below.
"""
