from odoo import api, models
from odoo.tools import SQL

from .facts.address import Address, AddressBook, Debtor, Party


class ArDunningAddress(models.AbstractModel):
    """Who is written to about invoices of a customer on a day, in which language, over which address of each channel.

    In this order: the addressee of a running arrangement, the dunning contact, the contact that all these invoices
    name, the customer's invoice contact (as Odoo's own *Send* finds it), the customer. Where the first one lacks the
    address of a channel, the next in line supplies it. Archived contacts are passed over. Where an arrangement
    forbids contact with the debtor (insolvency, death), nobody stands in line after its addressee.

    Night, last look, worklist, letters, mails and charge documents all ask here.
    """

    _name = "ar.dunning.address"
    _description = "Dunning Address"

    @api.model
    def _read(self, customer_ids, on, others=()):
        """The address book of these customers, in two statements however many they are.

        :param customer_ids: ids of `ar.dunning.customer` records
        :param date on: arrangements that run on this day count
        :param others: ids of further contacts that will be asked for: those whom invoices name, or a person chose
        """
        customer_ids = list(customer_ids)
        if not customer_ids:
            return AddressBook({}, ())
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT c.id, c.partner_id, c.contact_id, a.addressee_id, COALESCE(a.alone, FALSE)
                  FROM ar_dunning_customer c
                  LEFT JOIN LATERAL (
                        SELECT a.addressee_id, r.no_contact OR r.write_to <> 'customer' AS alone
                          FROM ar_dunning_arrangement a
                          LEFT JOIN ar_dunning_reason r ON r.id = a.reason_id
                         WHERE a.customer_id = c.id AND a.addressee_id IS NOT NULL AND a.move_id IS NULL
                           AND a.state = 'active' AND a.date_start <= %(on)s
                           AND (a.date_end IS NULL OR a.date_end >= %(on)s)
                         ORDER BY a.id DESC LIMIT 1) a ON TRUE
                 WHERE c.id = ANY(%(ids)s)
                """,
                ids=customer_ids,
                on=on,
            )
        )
        debtors = {row[0]: Debtor(*row[1:]) for row in self.env.cr.fetchall()}
        named = {key for debtor in debtors.values() for key in (debtor.contact_id, debtor.addressee_id)}
        partner_ids = {debtor.partner_id for debtor in debtors.values()}
        wanted = (named | partner_ids | set(others)) - {None, False}
        return AddressBook(debtors, self._read_parties(partner_ids, wanted))

    @api.model
    def _read_parties(self, debtor_ids, party_ids):
        """These contacts, and below these debtors the invoice contacts with what lies between."""
        self.env.cr.execute(
            SQL(
                """
                SELECT k.id, k.parent_id, k.commercial_partner_id, k.type, COALESCE(k.active, FALSE),
                       COALESCE(k.is_company, FALSE), k.name, k.lang, k.phone, k.email_normalized, k.street, k.city,
                       EXISTS (SELECT FROM mail_blacklist b WHERE b.email = k.email_normalized AND b.active),
                       EXISTS (SELECT FROM ar_dunning_delivery d
                                WHERE d.address = k.email_normalized AND d.state = 'bounced')
                  FROM res_partner k
                 WHERE k.id = ANY(%(parties)s)
                    OR (k.commercial_partner_id = ANY(%(debtors)s) AND k.active AND k.parent_id IS NOT NULL
                        AND (k.type = 'invoice' OR EXISTS (SELECT FROM res_partner s WHERE s.parent_id = k.id)))
                 ORDER BY k.complete_name, k.id DESC
                """,
                parties=list(party_ids),
                debtors=list(debtor_ids),
            )
        )
        return [Party(*row) for row in self.env.cr.fetchall()]

    @api.model
    def _of_customers(self, customers, on, moves=None) -> dict[int, Address]:
        """`{customer id: Address}` for `ar.dunning.customer` records.

        :param moves: the invoices concerned; without them, what each owes that is overdue, else all that is open
        """
        named = self._named_by_open_items(customers, on) if moves is None else self._named_by(customers, moves)
        book = self._read(customers.ids, on, {party for parties in named.values() for party in parties})
        return {customer_id: book.of(customer_id, named.get(customer_id, ())) for customer_id in customers.ids}

    @api.model
    def _named_by(self, customers, moves):
        """`{customer id: contacts named}` by these invoices."""
        grouped = moves.sudo().grouped("commercial_partner_id")
        nothing = moves.browse()
        return {one.id: set(grouped.get(one.partner_id, nothing).partner_id.ids) for one in customers.sudo()}

    @api.model
    def _named_by_open_items(self, customers, on):
        """`{customer id: contacts named}` by what is overdue on the day, else by what is open."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT i.customer_id,
                       COALESCE(array_agg(DISTINCT m.partner_id) FILTER (WHERE i.due_date < %(on)s),
                                array_agg(DISTINCT m.partner_id))
                  FROM ar_dunning_item i
                  JOIN account_move_line l ON l.id = i.move_line_id
                  JOIN account_move m ON m.id = l.move_id
                 WHERE i.customer_id = ANY(%(ids)s) AND l.parent_state = 'posted'
                   AND l.reconciled IS NOT TRUE AND l.amount_residual_currency > 0
                 GROUP BY i.customer_id
                """,
                ids=customers.ids,
                on=on,
            )
        )
        return {customer_id: set(named) - {None} for customer_id, named in self.env.cr.fetchall()}

    @api.model
    def _of_notices(self, notices, on=None):
        """`{notice: Address}` as things stand on the day (default: today): the recipient of the notice, then the line.

        An archived recipient is passed over.
        """
        found = {}
        for company, group in notices.sudo().grouped("company_id").items():
            # At once: what is filtered is fetched by itself, one notice after the other.
            group.line_ids.move_id.fetch(["partner_id"])
            demanded = {notice.id: notice.line_ids.filtered("is_demanded").move_id.partner_id.ids for notice in group}
            others = {*group.partner_id.ids, *(key for keys in demanded.values() for key in keys)}
            book = self._read(group.customer_id.ids, on or company._dunning_today(), others)
            for notice in group:
                formal = notice.level_id.kind == "formal"
                named, chosen = demanded[notice.id], notice.partner_id.id
                found[notice.id] = book.of(notice.customer_id.id, named, formal, chosen)
        return {notice: found[notice.id] for notice in notices}

    # === In words === #

    @api.model
    def _warnings(self, address, level):
        """What a person should know about the address of a notice of this level: sentences, none where all is well."""
        sentences = [
            self.env._("%s is archived and is not written to.", place.party.name or "") for place in address.archived
        ]
        first = address.line[0].party.name if address.line else ""
        mail, post = address.mail, address.post
        if level.channel_email and mail and mail != address.line[0]:
            sentences.append(
                self.env._(
                    "%(name)s has no usable e-mail address: the mail goes to %(other)s.",
                    name=first,
                    other=mail.party.name or mail.party.email,
                )
            )
        if (level.channel_letter or (level.channel_email and not mail)) and post and post != address.line[0]:
            sentences.append(
                self.env._(
                    "%(name)s has no postal address: the letter goes to the address of %(other)s.",
                    name=first,
                    other=post.party.name or "",
                )
            )
        return sentences
