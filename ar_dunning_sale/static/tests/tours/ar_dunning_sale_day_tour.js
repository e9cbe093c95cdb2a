import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// What a salesperson's day begins with: a quotation is made and confirmed.
registry.category("web_tour.tours").add("ar_dunning_sale_day_quotation", {
    steps: () => [
        {
            content: "For whom?",
            trigger: ".o_sale_order .o_field_widget[name=partner_id] input",
            run: "edit Day Customer",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains(Day Customer)",
            run: "click",
        },
        {
            content: "Add a line",
            trigger: "div[name=order_line] .o_field_x2many_list_row_add > a",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=product_id] input, .o_field_widget[name=product_template_id] input",
            run: "edit Day Work",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains(Day Work)",
            run: "click",
        },
        {
            trigger: ".o_field_cell[name=price_subtotal]:contains(100.00)",
        },
        ...stepUtils.saveForm(),
        {
            content: "Nothing stands in the way: confirm it",
            trigger: ".o_sale_order button[name=action_confirm]:visible",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current[data-value=sale]",
        },
    ],
});
