"""ICAP without sockets (RFC 3507): bytes in, replies out.

``Head`` and ``ChunkReader`` know what both sides have in common.  Client side: ``request`` writes OPTIONS, REQMOD and
RESPMOD, ``ReplyReader`` turns bytes into replies, ``offer`` and ``verdict`` say what they mean.
"""
