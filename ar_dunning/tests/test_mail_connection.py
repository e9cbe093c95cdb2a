import time

from odoo.tests import TransactionCase, tagged

from ..tools.mail_courier import Pace
from ..tools.smtp import SmtpLine


class Session:
    """A mail server that answers."""

    def __init__(self):
        self.sock, self.left = self, False

    def settimeout(self, seconds):
        self.timeout = seconds

    def quit(self):
        self.left, self.sock = True, None


@tagged("post_install", "-at_install")
class TestMailConnection(TransactionCase):
    """How many mails go over one connection, and how many leave in a minute, is said by the server."""

    def carried(self, mails, most):
        """Over which connection each of so many mails goes, and the connections made."""
        made = []

        def connect():
            made.append(Session())
            return made[-1]

        line = SmtpLine(connect, 5, most)
        return [made.index(line.open()) for _mail in range(mails)], made

    def test_after_so_many_mails_the_connection_is_made_anew(self):
        """Three over each: the next one begins where the limit is reached, and the former is left politely."""
        used, made = self.carried(7, 3)
        self.assertEqual(used, [0, 0, 0, 1, 1, 1, 2])
        self.assertEqual([session.left for session in made], [True, True, False])
        self.assertEqual({session.timeout for session in made}, {5})

    def test_without_a_limit_one_connection_carries_all(self):
        used, made = self.carried(50, 0)
        self.assertEqual((set(used), len(made)), ({0}, 1))

    def test_one_mail_a_connection(self):
        self.assertEqual(self.carried(3, 1)[0], [0, 1, 2])

    def test_where_no_connection_is_made_nobody_tries_again(self):
        tries = []

        def refuse():
            tries.append(1)
            raise OSError("connection\nrefused")

        line = SmtpLine(refuse, 5, 3)
        self.assertEqual([line.open(), line.open()], [None, None])
        self.assertEqual((len(tries), line.failure), (1, "connection refused"))

    def test_the_servers_limits_are_the_senders(self):
        server = self.env["ir.mail_server"].create(
            {
                "name": "Slow",
                "smtp_host": "127.0.0.1",
                "ar_dunning_per_minute": 10,
                "ar_dunning_per_connection": 3,
            }
        )
        pace = Pace.of(server, None)
        self.assertEqual((pace.per_minute, pace.per_connection), (10, 3))
        self.assertGreater(pace.ends, time.monotonic())
        unlimited = Pace.of(self.env["ir.mail_server"], None)
        self.assertEqual((unlimited.per_minute, unlimited.per_connection), (0, 0))
