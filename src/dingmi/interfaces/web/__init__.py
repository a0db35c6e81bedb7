"""Pages: one folder per subject. Forms check shape; the regime checks law."""
