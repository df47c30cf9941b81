"""clamd's protocol without sockets: bytes in, commands or replies out (clamd(8), section COMMANDS).

Client side: ``command`` writes what a client says, ``ReplyReader`` turns bytes into replies.  Commands are written in
their "z" form: a command and its reply end in NUL, so that no name in a reply can end it early.
"""
