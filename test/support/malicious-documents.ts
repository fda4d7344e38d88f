const many = (count: number, part: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => part(at)).join(' ');
const nested = (open: string, close: string, levels: number, core: string) =>
  `${open.repeat(levels)}${core}${close.repeat(levels)}`;
const each = <Size>(sizes: readonly Size[], ...shapes: ((size: Size) => string)[]): string[] =>
  sizes.flatMap((size) => shapes.map((shape) => shape(size)));
const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

/** A fragment spreads the next one twice, so that 2^levels of them are there in the end. */
const fanned = (levels: number, on: string, spread: (name: string) => string, core: string) =>
  `${many(levels, (at) => `fragment f${at} on ${on} { ${spread(`f${at + 1}`)} ${spread(`f${at + 1}`)} }`)} fragment f${levels} on ${on} { ${core} }`;
const account = (inner: string) => `{ viewer { account { ${inner} } } }`;

/** Every way in which a stranger's document tries to make the gateway work, by kind and in many sizes. */
export const maliciousDocuments: Record<string, string[]> = {
  'more bytes than a document may have': each(
    [16_500, 20_000, 30_000, 40_000, 50_000],
    (size) => `{ plans { key } } # ${'x'.repeat(size)}`,
    (size) => `{ plans { key } } ${','.repeat(size)}`,
    (size) => `{ plan(key: "${'x'.repeat(size)}") { key } }`,
    (size) => `{ plan(key: """${' '.repeat(size)}""") { key } }`,
    (size) => `query ${'q'.repeat(size)} { plans { key } }`,
  ),
  'more tokens than a document may have': each(
    [2_001, 3_000, 5_000, 8_000],
    (size) => `{ plans {${' id'.repeat(size)} } }`,
    (size) => `{ plan(key: [${'1 '.repeat(size)}]) { key } }`,
    (size) => '{'.repeat(size),
    (size) => `{ plan(key: ${'['.repeat(size)}`,
  ),
  'more levels than a document may have': each(
    [6, 8, 10, 15, 25, 50, 100],
    (size) => `{ ${nested('plans { prices { plan { ', '} } } ', size, 'key ')} }`,
    (size) => `{ ${nested('node(id: "x") { ... on Plan { prices { plan { prices { ', '} } } } } ', size, 'id ')} }`,
    (size) =>
      `{ plans { ...f0 } } ${many(size, (at) => `fragment f${at} on Plan { prices { plan { ...f${at + 1} } } }`)} fragment f${size} on Plan { prices { id } }`,
  ).filter((text) => Buffer.byteLength(text) < 16_384),
  'more aliases than a document may have': each(
    [31, 40, 60, 90, 120, 150],
    (size) => `{ ${many(size, (at) => `p${at}: plans { key }`)} }`,
    (size) => `{ plans { ${many(size, (at) => `k${at}: key`)} } }`,
    (size) => `{ plans { ...f } } fragment f on Plan { ${many(size, (at) => `k${at}: key`)} }`,
  ),
  'one field again and again': each(
    [301, 320, 360, 400, 450],
    (size) => `{ plans { ${many(size, () => 'key')} } }`,
    (size) => `{ ${many(size, () => '__typename')} }`,
    (size) => `{ ${many(size, () => 'plans { key }')} }`,
  ),
  'inline fragments squared': each(
    [18, 20, 24, 28, 32],
    (size) => `{ ${many(size, () => `... on Query { ${many(size, () => '__typename')} }`)} }`,
    (size) =>
      `{ ${nested('... on Query { __typename ', '} ', size * 10, '__typename')} ${many(301, () => '__typename')} }`,
  ),
  'fragments that double': each(
    from(8, 25),
    (levels) => `{ ...f0 } ${fanned(levels, 'Query', (name) => `...${name}`, 'plans { key }')}`,
    (levels) => `{ plans { ...f0 } } ${fanned(levels, 'Plan', (name) => `prices { plan { ...${name} } }`, 'key')}`,
    (levels) => `{ ${many(levels * 2, () => '...f')} } fragment f on Query { ${many(30, () => '__typename')} }`,
  ),
  'fragments in a circle': each(
    from(1, 20),
    (size) => `{ ...f0 } ${many(size, (at) => `fragment f${at} on Query { ...f${(at + 1) % size} }`)}`,
    (size) =>
      `{ plans { ...f0 } } ${many(size, (at) => `fragment f${at} on Plan { key prices { plan { ...f${(at + 1) % size} } } }`)}`,
  ),
  'directives without end': each(
    [2, 10, 50, 100, 200, 400],
    (size) => `{ plans ${'@skip(if: true) '.repeat(size)} { key } }`,
    (size) => `{ plans ${'@nonsense '.repeat(size)} { key } }`,
    (size) => `query ${'@include(if: true) '.repeat(size)} { plans { key } }`,
  ),
  'what the schema does not have': each(
    [1, 5, 20, 80],
    (size) => `{ ${many(size, (at) => `nonsense${at}`)} }`,
    (size) => `{ plans { ${many(size, (at) => `nonsense${at}`)} } }`,
    (size) => `{ plan(${many(size, (at) => `nonsense${at}: 1`)}) { key } }`,
    (size) => `{ plans { ${many(size, (at) => `... on Nonsense${at} { key }`)} } }`,
    (size) => `query (${many(size, (at) => `$v${at}: Nonsense`)}) { plans { key } }`,
    (size) => `{ plan(key: $${'v'.repeat(size)}) { key } }`,
  ),
  'values without end': each(
    [20, 100, 400],
    (size) => `{ plan(key: ${nested('[', ']', size, '')}) { key } }`,
    (size) => `{ plan(key: ${nested('{a: ', '}', size, '1')}) { key } }`,
    (size) => `query ($a: [String] = ${nested('[', ']', size, '{}')}) { plans { key } }`,
  ),
  'introspection inside introspection': each(
    from(3, 8),
    (size) => `{ __schema { types { ${nested('fields { type { ', '} } ', size, 'name ')} } } }`,
    (size) => `{ __type(name: "Plan") { ${nested('fields { type { ', '} } ', size, 'name ')} } }`,
    (size) => `{ __schema { types { ${nested('interfaces { possibleTypes { ', '} } ', size, 'name ')} } } }`,
  ),
  'the names of introspection misused': [
    '{ ...__schema } fragment __schema on Query { nonsense }',
    '{ ...__schema } fragment __schema on Query { ...__schema }',
    ...each(
      [6, 10, 20],
      (size) => `query __schema { ${nested('plans { prices { plan { ', '} } } ', size, 'key ')} }`,
      (size) => `query IntrospectionQuery { ${nested('plans { prices { plan { ', '} } } ', size, 'key ')} }`,
      (size) => `{ __schema: plans { ${many(size * 100, () => 'key')} } }`,
    ),
  ],
  'pages of pages': each(
    [100, 1_000, 1_000_000, 2_147_483_647],
    (size) =>
      account(
        `invoices(first: ${size}) { nodes { lines(first: ${size}) { nodes { amount { minor } plan { key } } } } }`,
      ),
    (size) =>
      account(
        `invoices(last: ${size}) { edges { node { lines(last: ${size}) { edges { node { id amount { minor } } } } } } }`,
      ),
    (size) =>
      `query ($n: Int = ${size}) ${account('invoices(first: $n) { nodes { lines(first: $n) { nodes { id description plan { key } } } } }')}`,
  ),
  'no document at all': [
    '',
    ' ',
    '#',
    '{',
    '}',
    '{ }',
    '{ plans }',
    '{ plans { } }',
    '\u0000',
    '\uD800',
    '{ plans { key } } {',
    '"',
    '"""',
    '{ plan(key: "x) { key } }',
    'query { plans { key } } query { plans { key } }',
    'query a { plans { key } } query a { plans { key } }',
    'fragment f on Plan { key }',
    'type Query { plans: Int }',
    'extend type Query { plans: Int }',
    'nonsense { plans { key } }',
    many(200, (at) => `query q${at} { plans { key } nonsense }`),
  ],
};
