import { registry } from "@web/core/registry";

const page = ".o_form_view .o_ar_dunning_timeline";
const entry = (kind, words) => `${page} .o_ar_dunning_entry[data-kind='${kind}']:contains('${words}')`;

// The timeline of a customer: what happened by day, filtered by its chips, each entry leading to its record.
registry.category("web_tour.tours").add("ar_dunning_timeline_tour", {
    steps: () => [
        {
            content: "Nothing of it is read before its page is opened",
            trigger: `.o_form_view:not(:has(.o_ar_dunning_timeline)) .o_notebook .nav-link:contains('Timeline')`,
            run: "click",
        },
        {
            content: "The newest on top",
            trigger: `${page} section:first-of-type .o_ar_dunning_entry:contains('Payment received'):contains('400.00')`,
        },
        { content: "What he wrote", trigger: entry("reply", "On Friday") },
        { content: "Steps on the way are not told", trigger: `${page}:not(:contains('approved'))` },
        {
            content: "Only the notices",
            trigger: `${page} .o_ar_dunning_chip[data-kind='notice']:contains('Notices'):contains('1')`,
            run: "click",
        },
        {
            trigger: `${page}:not(:has([data-kind='payment'].o_ar_dunning_entry)) [data-kind='notice'].o_ar_dunning_entry`,
        },
        { content: "Every step of them", trigger: `${page} .o_ar_dunning_steps`, run: "click" },
        { trigger: entry("notice", "First reminder approved") },
        {
            content: "Everything again",
            trigger: `${page} .o_ar_dunning_chip[data-kind='notice'][aria-pressed='true']`,
            run: "click",
        },
        { trigger: entry("payment", "matched with") },
        {
            content: "An entry leads to its record",
            trigger: `${page} .o_ar_dunning_entry button:contains('First reminder sent')`,
            run: "click",
        },
        { trigger: ".ar_dunning_notice_form .o_notebook .nav-link:contains('Timeline')", run: "click" },
        {
            content: "The notice's own steps, and the money that came since",
            trigger: `.ar_dunning_notice_form ${page.split(" ")[1]}:contains('First reminder prepared'):contains('Payment received')`,
        },
    ],
});

// The page *Dunning* of an invoice: one line for each notice that named it, with what became of it.
registry.category("web_tour.tours").add("ar_dunning_timeline_invoice_tour", {
    steps: () => [
        { trigger: ".o_form_view .o_notebook .nav-link:contains('Dunning')", run: "click" },
        {
            trigger: `${page} .o_ar_dunning_step:contains('First reminder'):contains('Sent'):contains('answered on'):contains('1,000.00')`,
        },
        { trigger: entry("payment", "Payment received") },
        { trigger: `${page} .o_ar_dunning_step button`, run: "click" },
        { trigger: ".ar_dunning_notice_form" },
    ],
});
