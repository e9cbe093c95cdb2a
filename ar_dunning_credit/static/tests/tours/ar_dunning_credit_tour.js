import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

// Who may buy, why not, and what would change it; then a hold by hand.
tours.add("ar_dunning_credit_tour", {
    steps: () => [
        {
            content: "The list of those who need a look names the customer with status and overdue amount",
            trigger: ".o_data_row:contains('Tour Debtor'):contains('Watch'):contains('500.00')",
        },
        {
            trigger: ".o_data_row td.o_data_cell:contains('Tour Debtor')",
            run: "click",
        },
        {
            content: "Open what stands on credit",
            trigger: ".o_notebook .nav-link:contains('Credit')",
            run: "click",
        },
        {
            content: "The reason, and what unlocks it",
            trigger: ".o_field_widget[name='credit_html']:contains('500.00 overdue'):contains('Unlocks with a payment of'):contains('the oldest 46 days late')",
        },
        {
            content: "How it pays, and what made the score",
            trigger: ".o_notebook .nav-link:contains('Behaviour')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='score_html']:contains('Pays 34 days late on average over 4 invoices')",
        },
        {
            content: "Hold the credit",
            trigger: "button[name='action_hold']",
            run: "click",
        },
        {
            content: "Why?",
            trigger: ".modal div[name='reason'] input",
            run: "edit Cheque came back",
        },
        {
            trigger: ".modal-footer button[name='action_confirm']",
            run: "click",
        },
        {
            content: "It is on hold now, and says by whom",
            trigger: "body:not(:has(.modal)) .o_field_widget[name='credit_now']:contains('On hold')",
        },
        {
            trigger: "button[name='action_lift_hold']",
        },
    ],
});

// A salesperson: the badge and the reason, and nothing of accounting.
tours.add("ar_dunning_credit_sales_tour", {
    steps: () => [
        {
            content: "The list of contacts has a badge",
            trigger: ".o_data_row:contains('Tour Debtor') td:contains('On hold')",
        },
        {
            trigger: "button.o_switch_view.o_kanban",
            run: "click",
        },
        {
            content: "The card, too",
            trigger: ".o_kanban_record:contains('Tour Debtor'):contains('On hold')",
            run: "click",
        },
        {
            content: "The banner says why; the amount is not for salespeople here",
            trigger: ".o_form_view .o_field_widget[name='ar_dunning_credit_html']:contains('Cheque came back'):not(:contains('500.00'))",
        },
        {
            content: "No way into dunning",
            trigger: ".o_form_view:not(:has(button[name='action_view_ar_dunning']))",
        },
    ],
});
