def migrate(cr, version):
    """Mails leave by the senders of their servers; what an older version was sending when it stopped is unconfirmed."""
    cr.execute(
        "UPDATE ar_dunning_delivery SET state = 'unconfirmed', failure ="
        " 'The server stopped while sending; nobody knows whether the mail left.' WHERE state = 'sending'"
    )
    # The next try was kept on the mail, where Odoo's queue looked.
    cr.execute(
        "WITH ours AS (UPDATE mail_mail m SET scheduled_date = NULL FROM ar_dunning_delivery d"
        " WHERE d.mail_id = m.id AND d.state = 'queued' AND m.scheduled_date IS NOT NULL RETURNING d.id, m.id AS mail)"
        " UPDATE ar_dunning_delivery d SET wait_until = m.scheduled_date FROM ours JOIN mail_mail m ON m.id = ours.mail"
        " WHERE d.id = ours.id"
    )
    # A letter that took over from a mail that came back or was refused.
    cr.execute(
        "UPDATE ar_dunning_delivery l SET stands_in = TRUE WHERE l.channel = 'letter' AND EXISTS ("
        " SELECT FROM ar_dunning_delivery d WHERE d.notice_id = l.notice_id AND d.channel = 'email' AND d.id < l.id"
        " AND d.is_copy IS NOT TRUE AND d.state IN ('bounced', 'failed'))"
    )
