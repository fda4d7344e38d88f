import { buildSchema, parse } from 'graphql';
import { costOf } from '../../src/graphql/document-cost.js';
import { createDocumentReader } from '../../src/graphql/read-document.js';

const schema = buildSchema(`
  interface Node { id: ID }
  type Leaf implements Node { id: ID, name: String, tags: [String] }
  type LeafEdge { node: Leaf }
  type LeafConnection { nodes: [Leaf!]!, edges: [LeafEdge!]!, totalCount: Int }
  type Tree implements Node { id: ID, leaves(first: Int, last: Int): LeafConnection!, twigs: [Tree!]! }
  type Query { tree: Tree, trees: [Tree!]!, nodes(ids: [ID!]!): [Node]!, node(id: ID): Node }
`);
const cost = (text: string, variables: Record<string, unknown> = {}) =>
  costOf(schema, parse(text), undefined, variables);

describe('what a document costs', () => {
  it.each<[string, string, number]>([
    ['one for each field', '{ tree { id } }', 2],
    ['one for a list of plain values', '{ tree { leaves(first: 1) { nodes { tags } } } }', 4],
    ['what `first` asks for', '{ tree { leaves(first: 50) { nodes { id name } } } }', 2 + 50 * 3],
    ['what `last` asks for', '{ tree { leaves(last: 7) { edges { node { id } } } } }', 2 + 7 * 3],
    ['a page where neither is asked', '{ tree { leaves { nodes { id } } } }', 2 + 20 * 2],
    [
      'what `first` asks for when `last` is null',
      '{ tree { leaves(last: null, first: 3) { nodes { id } } } }',
      2 + 3 * 2,
    ],
    ['ten for a list without pages', '{ trees { id } }', 1 + 10],
    ['ten times ten for a list in a list', '{ trees { twigs { id } } }', 1 + 10 * (1 + 10)],
    ['as many as there are ids', '{ nodes(ids: ["a", "b", "c"]) { id } }', 1 + 3],
    [
      'all fragments, as often as they are spread',
      '{ a: node { ...f } b: node { ...f } } fragment f on Tree { id twigs { id } }',
      2 * (1 + 1 + 1 + 10),
    ],
    ['introspection as one', '{ __schema { types { fields { name } } } tree { __typename } }', 3],
  ])('is %s', (_what, text, expected) => {
    expect(cost(text)).toBe(expected);
  });

  it('follows variables, and their defaults where they are left out', () => {
    const text = 'query ($n: Int = 4) { tree { leaves(first: $n) { nodes { id } } } }';
    expect([cost(text), cost(text, { n: 9 }), cost(text, { n: null })]).toEqual([2 + 4 * 2, 2 + 9 * 2, 2 + 20 * 2]);
  });

  it('is that of the operation which runs', () => {
    const document = parse('query cheap { tree { id } } query dear { trees { id } }');
    expect([costOf(schema, document, 'cheap', {}), costOf(schema, document, 'dear', null)]).toEqual([2, 11]);
  });

  it('is refused above the limit, named with it, and any without one', () => {
    const document = parse('{ trees { twigs { id } } }');
    expect(createDocumentReader(schema, 111).findCost(document, null, {})).toBeUndefined();
    expect(createDocumentReader(schema, 0).findCost(document, null, {})).toBeUndefined();
    const refused = createDocumentReader(schema, 110).findCost(document, null, {});
    expect(refused?.message).toBe(
      'An answer may hold 110 fields; this document asks for up to 111, counted for every entry of its lists.',
    );
    expect(refused?.originalError).toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
  });
});
