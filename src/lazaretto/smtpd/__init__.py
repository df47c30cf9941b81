"""The SMTP and LMTP doors' common machinery: connections, the conversation, handing on to the next hop.

A before-queue proxy: the peer's MAIL and RCPT go on to the next hop as they arrive and its answers come back; at
the end of data the line decides, and the peer hears 250 only after the next hop has said it (or the vault holds
the message).  There is no queue here that could be lost.
"""
