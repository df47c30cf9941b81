"""Quarantine and backup: encrypted, content-addressed blobs and an index."""
