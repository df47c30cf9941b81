"""What engines have said about bytes that were seen before (docs/decisions/0020)."""
