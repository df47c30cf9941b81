"""SMTP and LMTP without sockets: bytes in, events out (RFC 5321, RFC 2033 and their extensions).

Server side: ``ServerCodec`` turns bytes into commands and pieces of messages.  Client side: ``ReplyReader``
turns bytes into replies, ``commands`` writes what a client says, ``data.stuff`` makes a message fit to be sent.
"""
