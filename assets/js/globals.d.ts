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
    type Row = import("./types").TableRow;

    interface Node {
        id: string;
        data: Row;
        rowPinned?: string | null;
        rowIndex: number;
        isSelected(): boolean;
        setSelected(on: boolean, alone: boolean): void;
    }

    interface Column {
        getColId(): string;
        getColDef(): { cellClass?: unknown };
    }

    interface Api {
        /** Whether the rank follows the order on the screen. */
        nabijFollowed?: boolean;
        addEventListener(name: string, listener: () => void): void;
        applyColumnState(state: { state: { colId: string; sort: string }[]; defaultState: { sort: null } }): void;
        autoSizeColumns(names: string[]): void;
        deselectAll(): void;
        ensureIndexVisible(index: number): void;
        ensureNodeVisible(node: Node, where: string): void;
        forEachNodeAfterFilterAndSort(visit: (node: Node) => void): void;
        getAllDisplayedColumns(): Column[];
        getCellValue(cell: { rowNode: Node; colKey: string; useFormatter: boolean }): unknown;
        getColumn(name: string): Column | null;
        getDisplayNameForColumn(column: Column, where: string): string;
        getDisplayedRowAtIndex(index: number): Node;
        getDisplayedRowCount(): number;
        getPinnedBottomRow(index: number): Node;
        getPinnedBottomRowCount(): number;
        getRowNode(id: string): Node | undefined;
        refreshCells(what: { columns: string[]; force: boolean }): void;
        setColumnsVisible(names: string[], visible: boolean): void;
        setGridOption(name: string, value: unknown): void;
    }

    /** What a function of ours gets to see of a cell. */
    interface Params {
        value: number | null | undefined;
        data?: Row;
        node: Node;
    }

    interface Theme {
        withParams(params: Record<string, unknown>): Theme;
    }

    /** Functions that a column may name: the cell, or the theme, or two values to compare, and what the column says. */
    type Functions = Record<string, (...given: never[]) => unknown>;
}

interface Window {
    dash_clientside: Dash.Clientside;
    dash_ag_grid?: { getApi(id: string): Grid.Api; getApiAsync(id: string): Promise<Grid.Api> };
    dashAgGridFunctions?: Grid.Functions;
    nabij: Readonly<Record<string, unknown>>;
}
