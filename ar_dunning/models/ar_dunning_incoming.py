from collections import defaultdict
from dataclasses import replace

from odoo import api, models

from ..core.allocation import ZERO, Credit, Movement, allocate, cover, over_time
from ..core.plan import Blocker, Code
from ..tools.figures import as_decimal
from .facts.incoming_facts import DISCOUNT, Entered, Incoming, reference_words


class ArDunningIncoming(models.AbstractModel):
    """Money on its way: what reduces a debt although no invoice shows it yet. Read once for everybody.

    Unmatched payments, credit notes and entries, payments and transactions under way, and bank lines that nobody has
    matched; less what was paid back; of the customer, of contacts below him, and of who pays for him. Dunning,
    interest, credit status and orders all ask `_read`; `core.allocation` says what pays what.
    """

    _name = "ar.dunning.incoming"
    _description = "Dunning Incoming Money"

    @api.model
    def _read(self, partner_ids, company, on, sure=False):
        """What is on its way for these partners (`Incoming`), in a constant number of statements.

        :param partner_ids: debtors as the journal items name them
        :param company: its whole tree counts: branches share a ledger
        :param on: the day; amounts are those of now
        :param sure: leave out what may never come: announced on a payment page, or found by its amount alone
        """
        tree = company._dunning_tree()
        incoming = self._gather(list(partner_ids), tree, on, sure)
        drafts = [row for row in incoming.rows if row.kind == "draft"]
        incoming.rows = [row for row in incoming.rows if row.kind != "draft"]
        incoming.found = allocate(*self._as_core(incoming))
        self._add_holds(incoming, drafts, company, on)
        return incoming

    @api.model
    def _read_over_time(self, partner_ids, company, on, opened):
        """The movements of these debts with money on its way counted from the days on which it came.

        :param opened: `{journal item id: its movements}` of the debts that are asked for
        :return: `{journal item id: movements}` of those that money on its way touches
        """
        incoming = self._gather(list(partner_ids), company._dunning_tree(), on, also=opened)
        incoming.rows = [row for row in incoming.rows if row.kind != "draft"]
        found = {}
        for owners in incoming.family.clusters({line.owner for line in incoming.lines.values()}):
            debts, credits = self._as_core(incoming, owners)
            movements = {
                debt.key: opened.get(debt.key) or (Movement(self._arose(incoming, debt), debt.amount),)
                for debt in debts
            }
            changed = over_time(debts, credits, movements) if credits or any(d.discount for d in debts) else {}
            found.update({key: moved for key, moved in changed.items() if key in opened})
        return found

    @api.model
    def _arose(self, incoming, debt):
        line = incoming.lines.get(debt.key)
        return min(line.booked, line.due) if line else debt.due

    @api.model
    def _as_core(self, incoming, owners=None):
        """Debts and credits for the calculation; only those of `owners`, where given."""
        wanted = [row for row in incoming.rows if owners is None or owners & {row.owner, *row.owners}]
        debts = [line.as_debt() for line in incoming.lines.values() if owners is None or line.owner in owners]
        debts += [row.as_returned(number) for number, row in enumerate(wanted) if row.amount < ZERO]
        return debts, [row.as_credit() for row in wanted if row.amount > ZERO]

    # === What waits for a person === #

    @api.model
    def _add_holds(self, incoming, drafts, company, on):
        """Parts of open items that something could still cover: credit in other currencies, of a payer, in drafts."""
        left = {line.id: incoming.open(line) for line in incoming.lines.values()}
        left = {key: amount for key, amount in left.items() if amount > ZERO and key not in incoming.found.discount}
        credits = [Credit(currency, amount, owner=owner) for (owner, currency), amount in incoming.found.unused.items()]
        self._hold(incoming, left, Code.FOREIGN_CREDIT, credits, company, on)
        paid_for = [
            Credit(credit.currency, credit.amount, owner=debtor)
            for credit in credits
            for debtor in incoming.family.debtors.get(credit.owner, ())
        ]
        self._hold(incoming, left, Code.PAYER_CREDIT, paid_for, company, on)
        self._hold(incoming, left, Code.DRAFT_CREDIT_NOTE, [row.as_credit() for row in drafts], company, on)

    @api.model
    def _hold(self, incoming, left, code, credits, company, on):
        """Hold what these credits could cover of what is `left`, first in their own currency, then in others."""
        if not (credits and left):
            return
        debts = [incoming.lines[key].as_debt() for key in left]
        debts = [replace(debt, amount=left[debt.key], discount=ZERO) for debt in debts]
        found = allocate(debts, credits)
        for key, amount in found.paid.items():
            self._hold_part(incoming, left, key, Blocker(code, amount=amount))
        for (owner, currency_id), amount in found.unused.items():
            self._hold_converted(incoming, left, code, owner, self._converted(currency_id, amount, company, on))

    @api.model
    def _hold_converted(self, incoming, left, code, owner, amount):
        """Hold what `amount` of company currency could cover of an owner's debts, claimed ones first."""
        lines = [incoming.lines[key] for key in left if incoming.lines[key].owner == owner]
        lines.sort(key=lambda line: (line.held, line.due, line.id))
        worth = [(line.id, incoming.in_company(line.id, left[line.id])) for line in lines]
        for key, part in cover(worth, amount).items():
            line = incoming.lines[key]
            currency = self.env["res.currency"].browse(line.currency_id)
            share = as_decimal(currency.round(float(part * line.residual / line.residual_company)))
            self._hold_part(incoming, left, key, Blocker(code, amount=min(share, left[key])))

    @api.model
    def _hold_part(self, incoming, left, key, hold):
        if hold.amount > ZERO:
            incoming.held[key].append(hold)
            left[key] -= hold.amount
            if left[key] <= ZERO:
                del left[key]

    @api.model
    def _converted(self, currency_id, amount, company, on):
        """`amount` in the company's currency at the rate of the day `on`."""
        currency = self.env["res.currency"].browse(currency_id)
        return as_decimal(currency._convert(float(amount), company.currency_id, company, on))

    # === Whose it is, and what it names === #

    @api.model
    def _gather(self, partner_ids, tree, on, sure=False, also=()):
        """Rows and open lines of these partners, of whom they are linked with through a payer, and of whose money names them.

        What comes out for a customer does not depend on who else is asked for: whoever names an invoice that is read joins
        in with all of his money, until nobody does.

        :param also: journal items that count although they are paid by now
        """
        self.env.flush_all()
        asked = set(partner_ids)
        while True:
            incoming, joining = self._gather_once(asked, tree, on, sure, also)
            if not joining:
                return incoming
            asked |= joining

    @api.model
    def _gather_once(self, partner_ids, tree, on, sure, also):
        """`(Incoming, partners outside of it whose money names one of its lines)`."""
        family = self._family(list(partner_ids), tree.ids)
        known = set(family.owner_of.values())
        rows, bank, others = self._read_rows(family, tree.ids, on)
        rows, bank = self._owned(rows, family), self._owned(bank, family)
        others += [row for row in bank if row.partner_id and not row.owner and row.amount > ZERO]
        bank = [row for row in bank if row.owner or not row.partner_id]
        entered = self._entered_payments(bank, family, tree.ids)
        rows = self._earmark(rows + self._unconfirmed(bank, entered, Entered.is_quoted), known, tree)
        wanted = {row.owner for row in rows if row.owner}
        wanted |= {debtor for owner in wanted for debtor in family.debtors.get(owner, ())}
        wanted |= self._owners_meant(family, [row for row in rows if not row.owner], others, tree.ids, also)
        lines = self._open_lines(family.contacts(wanted), tree.ids, on, also)
        lines += self._named_lines(rows, lines, family, tree, on)
        rows = [row for row in rows if row.kind != DISCOUNT]
        rows = self._unconfirmed(self._aim(rows, lines, family), entered, Entered.is_likely)
        rows = [row for row in self._announced_once(rows) if row.sure or not sure]
        incoming = Incoming(family, rows, {line.id: line for line in lines})
        return incoming, self._naming(others, lines)

    @api.model
    def _owned(self, rows, family):
        for row in rows:
            row.owner = family.owner_of.get(row.partner_id)
        return rows

    @api.model
    def _naming(self, others, lines):
        """Whose money among these rows of others means one of these lines: linked with it, or quoting what we gave it."""
        moves = {line.move_id for line in lines}
        issued = {word for line in lines for word in line.issued}
        return {row.partner_id for row in others if not (moves.isdisjoint(row.moves) and issued.isdisjoint(row.words))}

    @api.model
    def _named_lines(self, rows, lines, family, tree, on):
        """The lines of other customers that these rows name: what pays those does not pay the ones asked for."""
        known = {line.move_id for line in lines}
        names = {name for line in lines for name in line.names}
        linked = {move for row in rows if row.kind != "draft" for move in row.moves}
        words = set()
        for row in rows:
            if row.may_name_others and (row.owner or not row.words.isdisjoint(names)):
                words |= row.words
        moves = (linked | self._moves_called(words - names, tree.ids)) - known
        return self._open_lines((), tree.ids, on, moves=moves) if moves else []

    @api.model
    def _earmark(self, rows, owners, tree):
        """Set money aside that is meant for something else than invoices. Extended where sales are installed.

        :param rows: as read, `owner` None where nobody knows whose it is
        :param owners: ids of the customers asked for
        :return: the rows that are left, some of them with `moves` of their own and without `spread`
        """
        return rows

    @api.model
    def _aim(self, rows, lines, family):
        """Let each row name the invoices that its text quotes; a bank line of unknown origin belongs to their debtor.

        A word that means an invoice of the payer's, or of whom he pays for, means no other. One of unknown origin that
        names nothing counts for every customer who owes exactly its amount: better one reminder too few than one to
        somebody who has paid.
        """
        owner_of = {line.move_id: line.owner for line in lines}
        names, issued = self._by_word(lines, "names"), self._by_word(lines, "issued")
        found = []
        for row in rows:
            if row.owner:
                row.moves += self._meant(row, names, issued, owner_of, family.reach(row.owner))
                found.append(row)
            elif named := tuple({move: True for word in row.words & names.keys() for move in names[word]}):
                found.append(self._of_named(row, named, owner_of))
            else:
                found.extend(self._by_amount(row, lines))
        for row in found:
            family.link({row.owner, *map(owner_of.get, row.moves)} - {None})
        return found

    @api.model
    def _by_word(self, lines, attribute):
        """`{word: ids of the invoices that it means}`."""
        found = defaultdict(set)
        for line in lines:
            for name in getattr(line, attribute):
                found[name].add(line.move_id)
        return found

    @api.model
    def _meant(self, row, names, issued, owner_of, reach):
        """The invoices that a customer's own row quotes."""
        found = {}
        for word in sorted(row.words & names.keys()):
            moves = [move for move in names[word] if owner_of[move] in reach]
            if not moves and row.may_name_others:
                moves = issued.get(word, ())
            found.update(dict.fromkeys(moves))
        return tuple(found)

    @api.model
    def _of_named(self, row, moves, owner_of):
        """The row of unknown origin as money of whose invoices it names; of several owners, it pays those invoices alone."""
        owners = frozenset(owner_of[move] for move in moves)
        if len(owners) > 1:
            return replace(row, owners=owners, moves=moves, spread=False)
        return replace(row, owner=min(owners), moves=moves)

    @api.model
    def _by_amount(self, row, lines):
        """A row that says no more than an amount, as money for each invoice that it would settle."""
        fitting = {}
        for line in lines:
            in_time = line.discount_until and row.day <= line.discount_until
            if line.currency_id == row.currency_id and row.amount in (
                line.residual,
                line.residual - line.discount if in_time else line.residual,
            ):
                fitting.setdefault(line.owner, {})[line.move_id] = True
        return [
            replace(row, owner=owner, moves=tuple(moves), spread=False, sure=False) for owner, moves in fitting.items()
        ]

    @api.model
    def _unconfirmed(self, rows, entered, is_same):
        """A payment that somebody has entered and its line on the bank statement, not matched yet, are one money.

        So are several payments and the one line that brings them together, to the cent.

        :param entered: payments waiting for their line; those that found it are taken off
        :param is_same: which line may be whose, but for the amount
        :return: the rows but for the lines that confirm payments
        """
        kept = []
        for row in rows:
            found = self._confirmed_by(row, entered, is_same) if row.kind == "bank" else []
            for payment in found:
                entered.remove(payment)
            if not found:
                kept.append(row)
        return kept

    @api.model
    def _confirmed_by(self, row, entered, is_same):
        """The payments that a bank line is: one of its amount, else all that may be it where they add up to it."""
        may = [one for one in entered if one.currency_id == row.currency_id and is_same(one, row)]
        alone = next(([one] for one in may if one.amount == row.amount), None)
        return alone or (may if sum(one.amount for one in may) == row.amount else [])

    @api.model
    def _announced_once(self, rows):
        """The same for money that is announced without an entry in the books."""
        announced = [row for row in rows if row.kind == "promised"]
        return self._unconfirmed(rows, announced, lambda promised, row: promised.owner == row.owner)

    @api.model
    def _reference_words(self, label):
        """See `reference_words`."""
        return reference_words(label)
