"""Whom a mail server's answer concerns."""

import pytest

from odoo.addons.ar_dunning.core.smtp_reply import Phase, Verdict, is_refused_for_good, verdict

ROWS = [
    # The sender or the server: nobody's bounce.
    (Phase.CONNECTION, 554, "no service for you", Verdict.SERVER),
    (Phase.CONNECTION, 535, "5.7.8 authentication failed", Verdict.SERVER),
    (Phase.SENDER, 550, "5.7.1 sender blocked", Verdict.SENDER),
    (Phase.SENDER, 550, "5.1.1 no such sender", Verdict.SENDER),
    (Phase.SENDER, 452, "4.3.1 disk full", Verdict.SENDER),
    (Phase.RECIPIENT, 421, "4.3.2 shutting down", Verdict.SERVER),
    (Phase.RECIPIENT, 550, "5.1.8 sender's domain does not exist", Verdict.SENDER),
    (Phase.RECIPIENT, 451, "4.3.0 queue full", Verdict.SERVER),
    (Phase.DATA, 451, "4.3.0 try later", Verdict.SERVER),
    (Phase.CONTENT, 451, "local error", Verdict.SERVER),
    (Phase.RECIPIENT, -1, "garbage", Verdict.SERVER),
    (Phase.DATA, -1, "garbage", Verdict.SERVER),
    # This recipient.
    (Phase.RECIPIENT, 550, "no such user", Verdict.RECIPIENT),
    (Phase.RECIPIENT, 550, "5.1.1 no such user", Verdict.RECIPIENT),
    (Phase.RECIPIENT, 550, "5.4.1 recipient address rejected: access denied", Verdict.RECIPIENT),
    (Phase.RECIPIENT, 552, "5.2.2 mailbox full", Verdict.RECIPIENT),
    (Phase.RECIPIENT, 556, "5.1.10 recipient address has null MX", Verdict.RECIPIENT),
    (Phase.CONTENT, 550, "5.1.1 no such recipient here", Verdict.RECIPIENT),
    (Phase.CONTENT, 552, "5.2.2 mailbox full", Verdict.RECIPIENT),
    (Phase.RECIPIENT, 450, "4.2.0 greylisted", Verdict.RECIPIENT_LATER),
    (Phase.RECIPIENT, 450, "try again later", Verdict.RECIPIENT_LATER),
    (Phase.CONTENT, 452, "4.2.2 mailbox full", Verdict.RECIPIENT_LATER),
    # The answer alone does not say.
    (Phase.RECIPIENT, 554, "5.7.1 relay access denied", Verdict.EITHER),
    (Phase.RECIPIENT, 550, "5.7.1 not wanted here", Verdict.EITHER),
    (Phase.RECIPIENT, 554, "transaction failed", Verdict.EITHER),
    (Phase.DATA, 554, "no valid recipients", Verdict.EITHER),
    (Phase.CONTENT, 554, "5.7.1 spam", Verdict.EITHER),
    (Phase.CONTENT, 550, "go away", Verdict.EITHER),
    (Phase.CONTENT, 552, "5.3.4 message too big", Verdict.EITHER),
    # After the final dot only a clear 4xx or 5xx means no.
    (Phase.CONTENT, -1, "", Verdict.IN_DOUBT),
    (Phase.CONTENT, 354, "go on", Verdict.IN_DOUBT),
    (Phase.CONTENT, 251, "will forward", Verdict.IN_DOUBT),
    (Phase.CONTENT, 650, "?", Verdict.IN_DOUBT),
]


@pytest.mark.parametrize(("phase", "code", "words", "expected"), ROWS)
def test_whom_an_answer_concerns(phase, code, words, expected):
    assert verdict(phase, code, words) is expected


@pytest.mark.parametrize(
    ("found", "passed", "final"),
    [
        (Verdict.RECIPIENT, False, True),
        (Verdict.EITHER, False, False),
        (Verdict.EITHER, True, True),
        (Verdict.SERVER, True, False),
        (Verdict.SENDER, True, False),
    ],
)
def test_an_unclear_refusal_is_final_where_other_mails_pass(found, passed, final):
    assert is_refused_for_good(found, passed) is final
