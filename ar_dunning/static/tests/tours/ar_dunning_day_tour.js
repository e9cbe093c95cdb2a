import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { showProductColumn } from "@account/js/tours/tour_utils";

const tours = registry.category("web_tour.tours");

const choose = (field, name) => [
    {
        content: `Type ${name} into ${field}`,
        trigger: `.o_form_view .o_field_widget[name=${field}] input`,
        run: `edit ${name}`,
    },
    {
        content: `Choose ${name}`,
        trigger: `.o-autocomplete--dropdown-item a:contains(${name})`,
        run: "click",
    },
];

const addLine = (product, price) => [
    {
        content: "Add a line",
        trigger: "div[name=invoice_line_ids] .o_field_x2many_list_row_add a",
        run: "click",
    },
    ...showProductColumn(),
    {
        content: "Which product?",
        trigger: "div[name=invoice_line_ids] div[name=product_id] input",
        run: `edit ${product}`,
    },
    {
        trigger: `.o-autocomplete--dropdown-item a:contains(${product})`,
        run: "click",
    },
    {
        content: "At which price?",
        trigger: "div[name=invoice_line_ids] td[name=price_unit]",
        run: "click",
    },
    {
        trigger: "div[name=invoice_line_ids] div[name=price_unit] input",
        run: `edit ${price}`,
    },
    ...stepUtils.saveForm(),
];

// What a user's day begins with: an invoice is made, posted, sent and paid.
tours.add("ar_dunning_day_invoice", {
    steps: () => [
        ...choose("partner_id", "Day Customer"),
        ...addLine("Day Work", "1234.50"),
        {
            content: "Post it",
            trigger: ".o_form_view button[name=action_post]",
            run: "click",
        },
        {
            content: "Send it",
            trigger: ".o_form_view button[name=action_invoice_sent]:contains(end)",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_send_and_print]",
            run: "click",
        },
        {
            content: "The money comes in",
            trigger: "body:not(:has(.modal)) .o_form_view button[name=action_register_payment]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=amount] input",
            run: "edit 1000 && press Tab",
        },
        {
            content: "A part of it: the rest stays open",
            trigger: ".modal .o_field_widget[name=payment_difference]:contains(234.50)",
        },
        {
            trigger: ".modal button[name=action_create_payments]",
            run: "click",
        },
        {
            content: "It says so, and dunning has a tab of its own",
            trigger: "body:not(:has(.modal)) .ribbon:contains(Partial)",
        },
        {
            trigger: ".o_form_view .o_notebook .nav-link:contains(Dunning)",
        },
    ],
});

// A customer and a supplier's bill.
tours.add("ar_dunning_day_customer", {
    steps: () => [
        {
            content: "Whom?",
            trigger: ".o_form_view .o_field_widget[name=name] input, .o_form_view .o_field_widget[name=name] textarea",
            run: "edit Day Newcomer",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=email] input",
            run: "edit newcomer@example.com",
        },
        ...stepUtils.saveForm(),
    ],
});

tours.add("ar_dunning_day_bill", {
    steps: () => [
        ...choose("partner_id", "Day Supplier"),
        {
            content: "Dated",
            trigger: "input[data-field=invoice_date]",
            run: "edit 11/02/2026 && click body",
        },
        ...addLine("Day Work", "321.00"),
        {
            content: "Post it",
            trigger: ".o_form_view button[name=action_post]",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_register_payment]",
        },
    ],
});
