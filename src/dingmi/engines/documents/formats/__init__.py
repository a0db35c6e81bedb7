"""One module per format; the list is ``documents.registry``."""
