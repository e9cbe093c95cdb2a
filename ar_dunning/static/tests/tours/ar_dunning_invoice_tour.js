import { registry } from "@web/core/registry";

const page = ".o_form_view .o_notebook:has(.nav-link.active:contains('Dunning'))";

// What dunning has to say about an invoice is read when its page is opened, and again after a button.
registry.category("web_tour.tours").add("ar_dunning_invoice_tour", {
    steps: () => [
        {
            content: "Open the page",
            trigger: ".o_form_view .o_notebook .nav-link:contains('Dunning')",
            run: "click",
        },
        {
            content: "What happens next",
            trigger: `${page}:contains('What happens next') [name='ar_dunning_plan_html']:contains('First reminder')`,
        },
        {
            content: "What comes, under its title",
            trigger: `${page}:contains('What comes if nothing is paid') [name='ar_dunning_outlook_html']:contains('Formal notice')`,
        },
        {
            content: "No charges run: nothing is said about what settles them",
            trigger: `${page}:not(:contains('What settles it'))`,
        },
        {
            content: "Pause it",
            trigger: `${page} button[name='action_ar_dunning_pause']`,
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='reason_id'] input",
            run: "edit Credit note to come",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains('Credit note to come')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='date_end'] input, .modal .o_field_widget[name='date_end'] button",
            run: "edit 12/31/2099",
        },
        {
            trigger: ".modal-footer button[name='action_pause']",
            run: "click",
        },
        {
            content: "The page says so at once",
            trigger: `body:not(:has(.modal)) ${page} [name='ar_dunning_plan_html']:contains('Dunning is paused')`,
        },
    ],
});
