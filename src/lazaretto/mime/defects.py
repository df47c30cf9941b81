"""Structural oddities a reader can stumble over, by the short names that ``Part.defects`` carries.

A defect is a fact about the bytes, not a judgement: policy and the filters decide what it is worth.  Limits
that were reached (``limit-...``) stand in ``parse.py`` and are always recorded on the root.
"""

from __future__ import annotations

from typing import Final

# the shape of the header
MBOX_LINE: Final = "mbox-line"  # starts with an mbox "From " line (RFC 4155, appendix A)
BYTE_ORDER_MARK: Final = "byte-order-mark"  # U+FEFF before the first field, which is no field name (RFC 5322, 2.2)
JUNK_LINE: Final = "junk-line"  # a line that is neither field nor continuation, fields follow (RFC 5322, 2.2)
NO_SEPARATOR: Final = "no-separator"  # no empty line between header and body (RFC 5322, 2.1)
BLANK_LINE: Final = "blank-line"  # a line of blanks inside a header (RFC 5322, 4.2: obsolete folding)
BARE_CR: Final = "bare-cr"  # CR without LF in a header or around what looks like a delimiter (RFC 5322, 2.2)
DOUBLE_CR: Final = "double-cr"  # CR CR LF in a header, from a conversion done twice (RFC 5322, 2.2)
CONTROLS: Final = "controls"  # NUL, VT or FF in a header (RFC 5322, 4: obs-NO-WS-CTL)
FIELD_NAME: Final = "field-name"  # blanks before the colon or other than printable ASCII in a name (RFC 5322, 2.2)
ODD_FIELD: Final = "odd-field"  # "content-" and "type" or the like in a name that is none, or where no name should be

# Content-* fields
DUPLICATE_FIELD: Final = "duplicate-field"  # a Content-* field twice with different values (RFC 2045, 3)
DUPLICATE_PARAMETER: Final = "duplicate-parameter"  # boundary or charset twice, different values (RFC 2045, 5.1)
ODD_BOUNDARY: Final = "odd-boundary"  # a boundary parameter that readers take differently (RFC 2046, 5.1.1)
STRAY_BOUNDARY: Final = "stray-boundary"  # a boundary on what is no multipart (RFC 2045, 5.1)
BAD_TYPE: Final = "bad-type"  # Content-Type without "type/subtype" (RFC 2045, 5.1 and 5.2)
BAD_ENCODING: Final = "bad-encoding"  # Content-Transfer-Encoding that is no single known token (RFC 2045, 6.1)
LONG_NAME: Final = "long-name"  # a file name above 255 characters, the longest that file systems take
MANY_PARAMETERS: Final = "limit-parameters"  # only the first ones were read
MANY_NAMES: Final = "limit-names"  # only the first ones are kept

# multiparts
NO_BOUNDARY: Final = "no-boundary"  # multipart without the parameter it needs (RFC 2046, 5.1.1)
NO_DELIMITER: Final = "no-delimiter"  # multipart whose boundary never occurs (RFC 2046, 5.1.1)
UNCLOSED: Final = "unclosed"  # no close-delimiter (RFC 2046, 5.1.1)
PART_AFTER_CLOSE: Final = "part-after-close"  # delimiter in what should be the epilogue (RFC 2046, 5.1.1)
DELIMITER_TEXT: Final = "delimiter-text"  # text behind a delimiter on its line (RFC 2046, 5.1.1: blanks only)
NEAR_DELIMITER: Final = "near-delimiter"  # a line that begins like a delimiter and goes on (RFC 2046, 5.1.1)
HIDDEN_DELIMITER: Final = "hidden-delimiter"  # what looks like a delimiter and a part's header, inside a part
SAME_BOUNDARY: Final = "same-boundary"  # nested multipart with the boundary of an outer one (RFC 2046, 5.1.2)
ENCODED_MULTIPART: Final = "encoded-multipart"  # base64 or quoted-printable on a multipart (RFC 2045, 6.4)

# bodies, as ``decode.Decoded.defects``
BASE64_JUNK: Final = "base64-junk"  # characters outside the alphabet (RFC 2045, 6.8: to be ignored)
BASE64_SHORT: Final = "base64-short"  # the last group lacks characters or padding (RFC 4648, 4)
BASE64_AFTER_PADDING: Final = "base64-after-padding"  # more data behind the padding (RFC 2045, 6.8)
QP_ODD: Final = "qp-odd"  # "=" before neither two hex digits nor a line end (RFC 2045, 6.7)
QP_NEEDLESS: Final = "qp-needless"  # escapes of letters and digits, which need none (RFC 2045, 6.7, rule 2)
LEGACY_DAMAGED: Final = "legacy-damaged"  # uuencode, xxencode, yEnc or BinHex that lacks its frame or does not decode
