/** What other scripts put on the page: Dash and AG Grid (Leaflet in `leaflet.d.ts`); and what this one puts there for those who look in. */

declare namespace Dash {
    /** Says that a component stays as it is. */
    type Unchanged = { readonly unchanged: unique symbol };

    interface Component {
        id: string;
        property: string;
    }

    interface CallbackContext {
        triggered?: { prop_id: string; value: unknown }[];
        /** By component and property. */
        inputs: Record<string, any>;
        states: Record<string, any>;
        outputs_list: Component[];
    }

    interface Clientside {
        no_update: Unchanged;
        callback_context: CallbackContext;
        set_props(id: string, props: Record<string, unknown>): void;
        nabij: Record<string, (...values: never[]) => unknown>;
    }
}

declare namespace Grid {
    interface Theme {
        withParams(params: Record<string, unknown>): Theme;
    }

    /** Functions that a column may name: the cell, or the theme, or two values to compare, and what the column says. */
    type Functions = Record<string, (...given: never[]) => unknown>;
}

interface Window {
    dash_clientside: Dash.Clientside;
    dashAgGridFunctions?: Grid.Functions;
    nabij: Readonly<Record<string, unknown>>;
}
