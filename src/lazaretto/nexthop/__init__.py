"""The next mail server: an asynchronous SMTP and LMTP client whose connections are kept and used again.

::

    next_hop = NextHop("127.0.0.1:10026")
    transaction = await next_hop.open(client)         # a door: every answer is passed back as it comes
    await transaction.mail(mail), await transaction.recipient(each), await transaction.data(raw)

    replies = await next_hop.send(raw, "a@b", ["c@d"])  # released mail: one reply for each recipient
"""

from lazaretto.nexthop.hop import NextHop, Tls
from lazaretto.nexthop.transaction import Transaction
from lazaretto.nexthop.wire import Timeouts

__all__ = ["NextHop", "Timeouts", "Tls", "Transaction"]
