"""Strategies for everything that is said in a milter conversation."""

from __future__ import annotations

from hypothesis import strategies as st

from lazaretto.protocols import milter as m

text = st.binary(max_size=20).map(lambda data: data.replace(b"\0", b"."))
word = st.text("abcXYZ-", min_size=1, max_size=8).map(str.encode)
# Values as a mail server can tell them: no NUL, lines separated by CRLF, no bare LF.
value = st.lists(text.map(lambda line: line.replace(b"\n", b"")), min_size=1, max_size=3).map(b"\r\n".join)
args = st.lists(text, max_size=3).map(tuple)

commands = st.one_of(
    st.builds(m.Macros, st.sampled_from([b"C", b"M", b"E"]), st.dictionaries(word, text, max_size=3)),
    st.builds(m.Connect, text, st.sampled_from([b"4", b"6", b"L"]), st.integers(0, 65535), text),
    st.builds(m.Connect, text),
    st.builds(m.Helo, text),
    st.builds(m.MailFrom, text, args),
    st.builds(m.RcptTo, text, args),
    st.builds(m.Header, word, value),
    st.builds(m.Body, st.binary(max_size=50)),
    st.builds(m.Unknown, text),
    st.sampled_from([m.Data(), m.EndOfHeaders(), m.EndOfMessage(), m.Abort(), m.Quit(), m.QuitNewConnection()]),
)
replies = st.one_of(
    st.builds(m.AddHeader, word, value),
    st.builds(m.InsertHeader, st.integers(0, 2**31), word, value),
    st.builds(m.ChangeHeader, st.integers(1, 2**31), word, value),
    st.builds(m.ReplaceBody, st.binary(max_size=50)),
    st.builds(m.Quarantine, text),
    st.builds(m.AddRecipient, text),
    st.builds(m.AddRecipient, text, word),
    st.builds(m.DeleteRecipient, text),
    st.builds(m.ChangeSender, text, st.one_of(st.just(b""), word)),
    st.builds(m.ReplyCode, st.just(550), st.just(b"5.7.1"), st.text("a% b", min_size=1).map(str.encode)),
    st.sampled_from([m.Continue(), m.Accept(), m.Reject(), m.TempFail(), m.Discard(), m.Skip(), m.Progress()]),
)
