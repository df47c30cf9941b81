"""Links: where they stand, where they go, what they pretend. Read by the engine ``urls``; no sockets, nothing asked."""
