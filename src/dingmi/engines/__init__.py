"""Pure tools: documents, suggestions, cryptography; no Django, no database, no clock."""
