import { buildSchema, getIntrospectionQuery } from 'graphql';
import { documentLimits } from '../../src/graphql/document-limits';
import { createDocumentReader } from '../../src/graphql/read-document';

const schema = buildSchema('type Query { a: Query b: Int list(of: [Int]): Int }');
const nest = (depth: number) => '{ a '.repeat(depth - 1) + '{ b }' + ' }'.repeat(depth - 1);
/** Each fragment spreads the next one twice. */
const fan = (levels: number) =>
  `{ ...f0 } ${Array.from({ length: levels }, (_, level) => `fragment f${level} on Query { a { ...f${level + 1} ...f${level + 1} } }`).join(' ')} fragment f${levels} on Query { b }`;

const refused: [name: string, text: string][] = [
  ['16 levels', nest(16)],
  ['900 levels', nest(900)],
  ['16 levels through fragments', `{ ...f } fragment f on Query ${nest(16)}`],
  ['31 aliases', `{ ${Array.from({ length: 31 }, (_, index) => `x${index}: b`).join(' ')} }`],
  ['aliases in a fragment spread often', `{ ${'a { ...f } '.repeat(16)} } fragment f on Query { x: b y: b }`],
  ['one field 400 times', `{ ${'b '.repeat(400)} }`],
  ['a fan of 2^12', fan(12)],
  ['a fan of 2^25', fan(25)],
  ['a fragment in itself', '{ ...f } fragment f on Query { a { ...f } }'],
  ['two fragments in each other', '{ ...f } fragment f on Query { a { ...g } } fragment g on Query { a { ...f } }'],
  [
    'inline fragments inside each other around many fields',
    `{ ${'... { '.repeat(100)}${'b '.repeat(301)}${'} '.repeat(100)} }`,
  ],
  ['2,001 tokens', `{ list(of: [${'1 '.repeat(2000)}]) }`],
  ['a long string', `{ b(x: "${'x'.repeat(documentLimits.bytes)}") }`],
  ['many operations', Array.from({ length: 200 }, (_, index) => `query q${index} { b b b }`).join(' ')],
  ['1,000 directives', `{ b ${'@skip(if: true) '.repeat(300)} }`],
  ['unknown fields', `{ ${Array.from({ length: 400 }, (_, index) => `unknown${index}`).join(' ')} }`],
  [
    'nested introspection',
    `{ __schema { types { fields { type { fields { type { fields { type { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } } } } } } } }`,
  ],
  ['fragments named like introspection', '{ ...__schema } fragment __schema on Query { a { ...__schema } }'],
];

describe('a document that asks for too much', () => {
  it.each(refused)('is refused quickly: %s', (_name, text) => {
    const started = process.cpuUsage();
    const result = createDocumentReader(schema).read(text);
    const { user } = process.cpuUsage(started);
    expect('errors' in result && result.errors.length).toBeTruthy();
    expect(user).toBeLessThan(200_000);
  });
});

describe('a document within the limits', () => {
  const reader = createDocumentReader(schema);

  it.each([
    ['15 levels', nest(15)],
    ['30 aliases', `{ ${Array.from({ length: 30 }, (_, index) => `x${index}: b`).join(' ')} }`],
    ['300 fields', `{ ${'b '.repeat(300)} }`],
    ['a fan of 2^6', fan(6)],
    [
      'the introspection of every tool',
      getIntrospectionQuery({
        inputValueDeprecation: true,
        specifiedByUrl: true,
        schemaDescription: true,
        directiveIsRepeatable: true,
        oneOf: true,
      }),
    ],
  ])('is read: %s', (_name, text) => {
    expect(reader.read(text)).not.toHaveProperty('errors');
  });

  it('is refused when it nests values deeper than its parser can follow', () => {
    const { errors } = reader.read(`{ b(x: ${'['.repeat(6_000)}${']'.repeat(6_000)}) }`) as {
      errors: readonly Error[];
    };
    expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(/nests .* too deeply|token/)]);
    expect(errors).not.toContainEqual(expect.any(RangeError));
  });

  it('is worked on once', () => {
    const first = reader.read('{ b }');
    expect(reader.read('{ b }')).toBe(first);
  });

  it('is forgotten when many others came after it', () => {
    const first = reader.read('{ b }');
    for (let index = 0; index < 600; index += 1) reader.read(`query q${index} { b }`);
    expect(reader.read('{ b }')).not.toBe(first);
  });
});
