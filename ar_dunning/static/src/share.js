import { registry } from "@web/core/registry";
import { PercentageField, percentageField } from "@web/views/fields/percentage/percentage_field";
import { formatPercentage } from "@web/views/fields/formatters";

/**
 * A share in per cent; nothing where the server knows none (`false`), which is not 0 %.
 *
 * @param {number | false | null} value
 * @param {Object} [options]
 * @returns {string}
 */
export function formatShare(value, options) {
    return value === false || value === null || value === undefined ? "" : formatPercentage(value, options);
}
formatShare.extractOptions = formatPercentage.extractOptions;

registry.category("formatters").add("ar_dunning_share", formatShare);
registry.category("fields").add("ar_dunning_share", { ...percentageField, component: PercentageField });
