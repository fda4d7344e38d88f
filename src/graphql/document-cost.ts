import {
  type DocumentNode,
  type FragmentDefinitionNode,
  getNamedType,
  getNullableType,
  getOperationAST,
  type GraphQLNamedType,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type FieldNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';

/** Entries of a page for which neither `first` nor `last` is asked, as lists give. */
const PAGE = 20;
/** Entries that a list without pages is taken to have. */
const LIST = 10;

type Variables = Readonly<Record<string, unknown>>;

/**
 * How many fields the answer may hold: every field once for each entry of the lists around it, as many as `first`, `last`
 * or `ids` ask for. Introspection counts as one field; its depth is limited by validation. Takes valid documents only, whose
 * length `findExcess` has limited.
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Variables | null | undefined,
): number {
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (!root) return 0;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)] as const] : [],
  );
  const values: Variables = { ...Object.fromEntries(defaults), ...variables };

  const costOfSet = ({ selections }: SelectionSetNode, type: GraphQLNamedType): number =>
    selections.reduce((sum, node) => {
      if (node.kind === Kind.FIELD) return sum + costOfField(node, type);
      const inner = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
      const condition = inner?.typeCondition && schema.getType(inner.typeCondition.name.value);
      return inner ? sum + costOfSet(inner.selectionSet, condition ?? type) : sum;
    }, 0);

  const costOfField = (node: FieldNode, parent: GraphQLNamedType): number => {
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
    if (!field || !node.selectionSet) return 1;
    const type = getNamedType(field.type);
    if (!isCompositeType(type)) return 1;
    const asked = sizeAsked(node, values);
    const paged = field.args.some(({ name }) => name === 'first');
    // The lists inside a page are that page, which its own arguments have counted already.
    const listed = isListType(getNullableType(field.type)) && !parent.name.endsWith('Connection');
    return 1 + (asked ?? (paged ? PAGE : listed ? LIST : 1)) * costOfSet(node.selectionSet, type);
  };
  return costOfSet(operation.selectionSet, root);
}

/** The size that a field's own arguments ask for; null when they ask for none. */
function sizeAsked({ arguments: given = [] }: FieldNode, variables: Variables): number | null {
  for (const { name, value } of given) {
    const found = valueFromASTUntyped(value, variables);
    if ((name.value === 'first' || name.value === 'last') && typeof found === 'number') return Math.max(0, found);
    if (name.value === 'ids' && Array.isArray(found)) return found.length;
  }
  return null;
}
