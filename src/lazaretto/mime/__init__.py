"""MIME as bytes and spans: parse, decode, edit by splicing.  No edit, the same bytes."""
