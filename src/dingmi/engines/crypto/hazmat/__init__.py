"""Raw SM4 and nonces: only ``engines.crypto`` may import this; everyone else uses ``seal`` and ``encrypt_field``."""
