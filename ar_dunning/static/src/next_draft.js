import { registry } from "@web/core/registry";

/** The next draft takes the place of the one that was sent: the way back leads to the list. */
function openNextDraft(env, { params }) {
    return env.services.action.doAction(params.action, { stackPosition: "replaceCurrentAction" });
}

registry.category("actions").add("ar_dunning_next_draft", openNextDraft);
