import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";

/** How large an operation is, with its fragments expanded. */
export interface Measures {
  /** Levels of fields; those below `__schema` do not count. */
  depth: number;
  aliases: number;
  /** How often the field that is repeated most is selected in one place. */
  repetitions: number;
  /** Without `@include` and `@skip` below `__schema` and `__type`: some tools send many. */
  directives: number;
  selections: number;
}

/** The measures of a set of selections, and how often it selects each field. */
interface Measured extends Measures {
  fields: Map<string, number>;
}

const nothing = (): Measured => ({
  depth: 0,
  aliases: 0,
  repetitions: 0,
  directives: 0,
  selections: 0,
  fields: new Map(),
});

/** The operations of a document, measured. Takes time proportional to the document, however its fragments multiply. */
export function measure(document: DocumentNode): Measures[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const measured = new Map<string, Measured>();

  function ofFragment(name: string): Measured {
    const known = measured.get(name);
    if (known) return known;
    // A fragment that contains itself: validation rejects it.
    measured.set(name, nothing());
    const fragment = fragments.get(name);
    const result = fragment ? ofSelections(fragment.selectionSet) : nothing();
    result.directives += fragment?.directives?.length ?? 0;
    measured.set(name, result);
    return result;
  }

  function ofSelections(set: SelectionSetNode | undefined): Measured {
    const sum = nothing();
    for (const selection of set?.selections ?? []) add(sum, selection);
    sum.repetitions = Math.max(sum.repetitions, ...sum.fields.values());
    return sum;
  }

  function add(sum: Measured, selection: SelectionNode): void {
    sum.selections += 1;
    sum.directives += selection.directives?.length ?? 0;
    if (selection.kind === Kind.FRAGMENT_SPREAD) addPart(sum, ofFragment(selection.name.value));
    else if (selection.kind === Kind.INLINE_FRAGMENT) addPart(sum, ofSelections(selection.selectionSet));
    else addField(sum, selection);
  }

  function addField(sum: Measured, { name: { value: name }, alias, selectionSet }: FieldNode): void {
    count(sum, name, 1);
    if (alias) sum.aliases += 1;
    const below = ofSelections(selectionSet);
    if (name === "__schema" || name === "__type") below.directives = strangeDirectives(selectionSet);
    addNumbers(sum, below, name === "__schema" ? 1 : below.depth + 1);
  }

  /** Directives other than `@include` and `@skip` below a field. */
  function strangeDirectives(set: SelectionSetNode | undefined, seen = new Set<string>()): number {
    return (set?.selections ?? []).reduce((sum, selection) => {
      const own = (selection.directives ?? []).filter(isStrange).length;
      if (selection.kind !== Kind.FRAGMENT_SPREAD) return sum + own + strangeDirectives(selection.selectionSet, seen);
      if (seen.has(selection.name.value)) return sum + own;
      seen.add(selection.name.value);
      return sum + own + strangeDirectives(fragments.get(selection.name.value)?.selectionSet, seen);
    }, 0);
  }

  return document.definitions.flatMap((node) => {
    if (node.kind !== Kind.OPERATION_DEFINITION) return [];
    const { fields: _fields, ...result } = ofSelections(node.selectionSet);
    return [{ ...result, directives: result.directives + ownDirectives(node) }];
  });
}

const isStrange = ({ name }: DirectiveNode) => name.value !== "include" && name.value !== "skip";

const ownDirectives = ({ directives = [], variableDefinitions = [] }: OperationDefinitionNode): number =>
  variableDefinitions.reduce((sum, variable) => sum + (variable.directives?.length ?? 0), directives.length);

/** Adds selections that stand in the same place. */
function addPart(sum: Measured, part: Measured): void {
  for (const [name, times] of part.fields) count(sum, name, times);
  addNumbers(sum, part, part.depth);
}

function addNumbers(sum: Measured, part: Measured, depth: number): void {
  sum.depth = Math.max(sum.depth, depth);
  sum.aliases += part.aliases;
  sum.repetitions = Math.max(sum.repetitions, part.repetitions);
  sum.directives += part.directives;
  sum.selections += part.selections;
}

const count = ({ fields }: Measured, name: string, times: number) => fields.set(name, (fields.get(name) ?? 0) + times);
