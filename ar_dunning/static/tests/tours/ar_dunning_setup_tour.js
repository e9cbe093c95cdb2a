import { registry } from "@web/core/registry";

const rehearsal = [
    {
        content: "Rehearse tonight",
        trigger: "button[name='action_rehearse']",
        run: "click",
    },
    {
        content: "One customer would be chased",
        trigger: "div[name='numbers'] div[name='customer_count']:contains('1')",
    },
    {
        content: "For the overdue invoice",
        trigger: "div[name='numbers'] div[name='totals']:contains('1,234.50')",
    },
    {
        content: "Read the notice as it would arrive",
        trigger: ".o_field_widget[name='line_ids'] .o_data_row td:contains('Tour Customer')",
        run: "click",
    },
    {
        content: "It goes to the customer's address",
        trigger: ".modal div[name='email_to']:contains('tour@example.com')",
    },
    {
        content: "The mail is there, in a frame of its own",
        trigger: ".modal .o_field_widget[name='body'] iframe",
    },
    {
        content: "Close it",
        trigger: ".modal .btn-close",
        run: "click",
    },
    {
        content: "See what was left alone",
        trigger: ".nav-link:contains('Left alone')",
        run: "click",
    },
    {
        content: "The reasons are there",
        trigger: ".o_field_widget[name='skipped_html']",
    },
    {
        content: "Page through the notices",
        trigger: "button[name='action_read']",
        run: "click",
    },
    {
        content: "In a list of their own",
        trigger: ".o_list_view .o_data_row td:contains('Tour Customer')",
    },
];

// A manager answers the questions, takes an invoice as sent and reads tonight's notice.
registry.category("web_tour.tours").add("ar_dunning_setup_tour", {
    steps: () => [
        {
            content: "No consumers among the customers",
            trigger: ".o_field_widget[name='for_consumer'] input",
            run: "click",
        },
        {
            content: "Look at what automatic means",
            trigger: ".o_field_widget[name='mode'] input[data-value='automatic']",
            run: "click",
        },
        {
            content: "It says so in plain words",
            trigger: ".alert-warning:contains('without anybody looking at')",
        },
        {
            content: "Better review",
            trigger: ".o_field_widget[name='mode'] input[data-value='review']",
            run: "click",
        },
        {
            content: "Go on",
            trigger: "button[name='action_findings']",
            run: "click",
        },
        {
            content: "The invoice was never sent: take it as sent",
            trigger: "div[name='unsent'] button[name='action_count_as_sent']",
            run: "click",
        },
        {
            content: "Vouch for it",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It no longer stands there",
            trigger: ".o_form_view:not(:has(div[name='unsent'])) button[name='action_rehearse']",
        },
        ...rehearsal,
    ],
});

// An accountant sees the answers, cannot change them, and may look at the rest.
registry.category("web_tour.tours").add("ar_dunning_setup_refused_tour", {
    steps: () => [
        {
            content: "Only a manager answers",
            trigger: "div[name='not_manager']:contains('Only a dunning manager')",
        },
        {
            content: "Automatic is out of reach",
            trigger: ".o_field_widget[name='mode'] input[data-value='automatic']:disabled",
        },
        {
            content: "So are the kinds of customers",
            trigger: ".o_field_widget[name='for_consumer'] input:disabled",
        },
        {
            content: "Go on all the same",
            trigger: "button[name='action_findings']",
            run: "click",
        },
        {
            content: "Count the invoice as sent",
            trigger: "div[name='unsent'] button[name='action_count_as_sent']",
            run: "click",
        },
        {
            content: "Vouch for it",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It no longer stands there",
            trigger: ".o_form_view:not(:has(div[name='unsent'])) button[name='action_rehearse']",
        },
        ...rehearsal.slice(0, 3),
        {
            content: "But running is the manager's",
            trigger: ".o_form_view:not(:has(button[name='action_run']))",
        },
    ],
});
