"""Signing in and out, the account, notices, search, language and help."""
