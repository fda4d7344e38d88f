import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedOutputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';

export type RootField = GraphQLField<unknown, unknown>;

const DEPTH = 3;
const FIELDS = 150;

/** Every field that can be asked without arguments, some levels down: what leaks, leaks here. */
export function wholeSelection(schema: GraphQLSchema, type: GraphQLNamedOutputType): string {
  let left = FIELDS;
  function select(of: GraphQLNamedOutputType, depth: number): string {
    if (isLeafType(of)) return '';
    if (isObjectType(of)) return braces(fieldsOf(of, depth));
    if (!isInterfaceType(of) && !isUnionType(of)) return '';
    const kinds = new Map<string, string>();
    // Fields of one name must agree in their type wherever they may stand in the same place.
    const agreed = ({ name, type: found }: RootField) => (kinds.get(name) ?? String(found)) === String(found);
    const parts = schema.getPossibleTypes(of).map((possible) => {
      const leaves = Object.values(possible.getFields()).filter((field) => isLeafType(getNamedType(field.type)));
      const mine = leaves.filter((field) => field.args.length === 0 && agreed(field));
      mine.forEach((field) => kinds.set(field.name, String(field.type)));
      left -= mine.length;
      return left > 0 && mine.length > 0 ? `... on ${possible.name} ${braces(mine.map(({ name }) => name))}` : '';
    });
    return braces(['__typename', ...parts]);
  }
  function fieldsOf(of: { getFields(): Record<string, RootField> }, depth: number): string[] {
    return Object.values(of.getFields()).flatMap((field) => {
      const inner = getNamedType(field.type);
      const optional = field.args.every(
        (argument) => !isNonNullType(argument.type) || argument.defaultValue !== undefined,
      );
      if (!optional || (depth >= DEPTH && !isLeafType(inner)) || --left <= 0) return [];
      const selection = select(inner, depth + 1);
      return isLeafType(inner) ? [field.name] : selection ? [`${field.name} ${selection}`] : [];
    });
  }
  return select(type, 1);
}

const braces = (fields: readonly string[]): string => (fields.length > 0 ? `{ ${fields.join(' ')} }` : '');

const words = /(^|[a-z])(id|ids|subscription|invoice|paymentMethod|account|session|customer)$/i;
const notAnId = /^(idempotencyKey|after|before|input)$/;

/** Paths of every argument and input field that names a thing by its id, such as `input.subscription`. */
export function idPathsOf(field: RootField): string[] {
  const walk = ({ name, type }: GraphQLArgument | GraphQLInputField, path: string, met: string[]): string[] => {
    const named = getNamedType(type);
    const isText = named.name === 'ID' || (named.name === 'String' && words.test(name));
    if (isText && !notAnId.test(name)) return [path];
    if (!isInputObjectType(named) || met.includes(named.name)) return [];
    return Object.values(named.getFields()).flatMap((inner) =>
      walk(inner, `${path}.${inner.name}`, [...met, named.name]),
    );
  };
  return field.args.flatMap((argument) => walk(argument, argument.name, []));
}

const samples: Record<string, unknown> = {
  ID: 'nothing',
  String: 'team',
  Int: 1,
  SafeInt: 1,
  Boolean: true,
  DateTime: '2027-01-15T12:00:00.000Z',
  CurrencyCode: 'USD',
  CountryCode: 'DE',
  EmailAddress: 'somebody@example.com',
  URL: 'http://localhost/back',
  Locale: 'en-US',
};

/** Values for all that is required, and `value` at `path`. */
export function variablesOf(field: RootField, path: string | null, value: unknown): Record<string, unknown> {
  function build(type: GraphQLInputType, at: string): unknown {
    if (at === path) return isListType(isNonNullType(type) ? type.ofType : type) ? [value] : value;
    if (isNonNullType(type)) return build(type.ofType, at);
    if (isListType(type)) return [build(type.ofType, at)];
    if (isEnumType(type)) return type.getValues()[0]?.name;
    if (!isInputObjectType(type)) return samples[type.name] ?? 'x';
    return pick(Object.values(type.getFields()), `${at}.`);
  }
  const pick = (inputs: readonly (GraphQLArgument | GraphQLInputField)[], prefix: string) =>
    Object.fromEntries(
      inputs
        .filter(({ name, type, defaultValue }) => {
          const here = `${prefix}${name}`;
          return path === here || path?.startsWith(`${here}.`) || (isNonNullType(type) && defaultValue === undefined);
        })
        .map(({ name, type }) => [name, build(type, `${prefix}${name}`)]),
    );
  return pick(field.args, '');
}

/** The document that asks the whole of one root field, its arguments as variables. */
export function documentOf(schema: GraphQLSchema, kind: string, field: RootField): string {
  // With a default of its own an argument may be left out, and so may its variable.
  const declared = field.args
    .map(
      ({ name, type, defaultValue }) =>
        `$${name}: ${String(defaultValue === undefined ? type : getNullableType(type))}`,
    )
    .join(', ');
  const given = field.args.map(({ name }) => `${name}: $${name}`).join(', ');
  const selection = wholeSelection(schema, getNamedType(field.type));
  return `${kind}${declared && `(${declared})`} { ${field.name}${given && `(${given})`} ${selection} }`;
}
