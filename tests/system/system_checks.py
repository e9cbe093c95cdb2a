"""What must be true whatever was killed, refused or done twice."""

from collections import Counter

from system_work import BY_POST, CUSTOMERS

MAILS = CUSTOMERS - len(BY_POST)


def check_notices(machine):
    """Every customer has one notice, whose steps no other notice has taken."""
    assert machine.count("ar_dunning_notice", "state <> 'cancelled'") == CUSTOMERS
    assert machine.value("SELECT count(DISTINCT customer_id) FROM ar_dunning_notice") == CUSTOMERS
    twice = machine.rows(
        "SELECT item_id, level_id, count(*) FROM ar_dunning_notice_line"
        " WHERE is_step AND is_cancelled IS NOT TRUE GROUP BY 1, 2 HAVING count(*) > 1"
    )
    assert twice == []
    assert machine.count("ar_dunning_notice_line", "is_step AND is_cancelled IS NOT TRUE") == CUSTOMERS * 3 // 2


def check_mails(machine, smtp, killed=0):
    """No mail twice, none lost: what was accepted is sent or unconfirmed, and nothing else claims to be sent."""
    before = set(smtp.message_ids)  # a sender may be at work: what is accepted now is at least `sending` a moment later
    assert [name for name, times in Counter(smtp.message_ids).items() if times > 1] == []
    recipients = Counter(mail.recipients for mail in smtp.accepted)
    assert [name for name, times in recipients.items() if times > 1] == []
    rows = machine.rows("SELECT message_id, state FROM ar_dunning_delivery WHERE channel = 'email' AND NOT is_copy")
    states = dict(rows)
    assert len(states) == len(rows) <= MAILS
    accepted = set(smtp.message_ids)
    assert accepted <= set(states)
    assert {states[name] for name in before} <= {"sent", "unconfirmed", "sending"}
    assert {name for name, state in states.items() if state == "sent"} <= accepted
    assert sum(state == "unconfirmed" for state in states.values()) <= killed
    assert sum(state == "sending" for state in states.values()) <= killed


def check_end(machine, smtp, killed=0):
    """After the last round: every notice sent, queued (its letter waits for the post), failed or unconfirmed."""
    check_notices(machine)
    check_mails(machine, smtp, killed)
    assert machine.count("ar_dunning_delivery", "state = 'sending'") == 0
    assert machine.count("ar_dunning_delivery", "channel = 'email'") == MAILS
    unconfirmed = machine.count("ar_dunning_delivery", "state = 'unconfirmed'")
    assert machine.rows("SELECT state, count(*) FROM ar_dunning_notice GROUP BY 1 ORDER BY 1") == [
        row
        for row in (("failed", str(unconfirmed)), ("queued", str(len(BY_POST))), ("sent", str(MAILS - unconfirmed)))
        if row[1] != "0"
    ]
    letters = machine.rows("SELECT state, count(*) FROM ar_dunning_delivery WHERE channel = 'letter' GROUP BY 1")
    assert letters == [("queued", str(len(BY_POST)))]
    assert machine.count("ar_dunning_notice", "letter_id IS NOT NULL") == len(BY_POST)
    reached = machine.rows(
        "SELECT n.state, bool_and(i.rank = (n.state = 'sent')::int) FROM ar_dunning_item i"
        " JOIN ar_dunning_notice_line d ON d.item_id = i.id AND d.is_step JOIN ar_dunning_notice n ON n.id = d.notice_id"
        " GROUP BY 1"
    )
    assert all(agrees == "t" for _state, agrees in reached)


def delivery(machine, address, column="state", channel="email"):
    """One value of the delivery to an address (by post: of the customer with that name)."""
    return machine.value(
        f"SELECT {column} FROM ar_dunning_delivery d JOIN res_partner p ON p.id = d.partner_id"
        f" WHERE d.channel = '{channel}' AND p.name = 'Customer {address[1:3]}'"
    )


def notice(machine, address, column="state"):
    return machine.value(
        f"SELECT n.{column} FROM ar_dunning_notice n JOIN res_partner p ON p.id = n.partner_id"
        f" WHERE p.name = 'Customer {address[1:3]}' AND n.state <> 'cancelled'"
    )
