import { ArgsType, type ClassType, Field, Int, ObjectType } from 'type-graphql';
import { badUserInput } from '../errors.js';

@ObjectType({ description: 'Position in a connection page.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'There is more behind the last edge.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'There is more before the first edge.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first edge; null for an empty page.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last edge; null for an empty page.' })
  endCursor!: string | null;
}

export interface Edge<Node> {
  cursor: string;
  node: Node;
}

export interface Connection<Node> {
  edges: Edge<Node>[];
  nodes: Node[];
  pageInfo: PageInfo;
  /** Only on lists that can be counted; a getter, so that nothing is counted unless somebody asks. */
  readonly totalCount?: Promise<number | null>;
}

export interface ConnectionOptions {
  /** Adds `totalCount`; the answer of the resolver must have it. */
  counted?: boolean;
}

/** The two Relay types of a node: `<Name>Connection` and `<Name>Edge`. */
export function connectionOf<Node extends object>(
  name: string,
  node: () => ClassType<Node>,
  { counted = false }: ConnectionOptions = {},
): ClassType<Connection<Node>> {
  @ObjectType(`${name}Edge`, { description: 'One entry of a page.' })
  class NodeEdge implements Edge<Node> {
    @Field(() => String, { description: 'Pass as `after` to go on behind it.' })
    cursor!: string;

    @Field(() => node(), { description: 'The entry itself.' })
    node!: Node;
  }

  @ObjectType(`${name}Connection`, { description: 'One page of a list.' })
  class NodeConnection implements Connection<Node> {
    @Field(() => [NodeEdge], { description: 'Entries with their cursors.' })
    edges!: NodeEdge[];

    @Field(() => [node()], { description: 'The entries alone.' })
    nodes!: Node[];

    @Field(() => PageInfo, { description: 'Where this page stands in the list.' })
    pageInfo!: PageInfo;
  }
  if (counted) totalCount(NodeConnection.prototype, 'totalCount');
  return NodeConnection;
}

/** Nobody pages through more than this, and counting on costs more the longer a list is. */
export const LARGEST_COUNT = 10_000;

const totalCount = Field(() => Int, {
  nullable: true,
  description: `How many entries the whole list has, whatever the page; null above ${LARGEST_COUNT.toLocaleString('en-US')}. Counted only when asked for.`,
}) as PropertyDecorator;

/** The four arguments of a list that can be read from both ends. */
@ArgsType()
export class PageArguments {
  // No default value: with one, nobody could tell whether `first` was sent beside `last`.
  @Field(() => Int, {
    nullable: true,
    description: 'How many from the front, 1 to 100; 20 without `first` and `last`.',
  })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Cursor behind which to begin.' })
  after?: string | null;

  @Field(() => Int, { nullable: true, description: 'How many from the back, 1 to 100; not together with `first`.' })
  last?: number | null;

  @Field(() => String, { nullable: true, description: 'Cursor before which to end.' })
  before?: string | null;
}

/** Which part of a list is wanted. */
export interface Page<Position> {
  /** How many entries; readers fetch one more, which only says that there is more. */
  size: number;
  /** Counted from the back. */
  backward: boolean;
  after: Position | null;
  before: Position | null;
}

const USUAL_PAGE = 20;

/** Checks the four arguments. Throws BAD_USER_INPUT. */
export function toPage<Position>(
  { first, after, last, before }: PageArguments,
  positionOf: (cursor: string) => Position,
): Page<Position> {
  if (typeof first === 'number' && typeof last === 'number') {
    throw badUserInput(
      `first and last exclude each other, found first ${first} and last ${last}.`,
      'Pages from the front take first and after, pages from the back last and before.',
    );
  }
  const backward = typeof last === 'number';
  return {
    size: backward ? pageSize(last, 'before') : pageSize(first ?? USUAL_PAGE),
    backward,
    after: typeof after === 'string' ? positionOf(after) : null,
    before: typeof before === 'string' ? positionOf(before) : null,
  };
}

/** A page from up to `size + 1` rows, which stand in the order they were read in: backwards for `last`. */
export function toPagedConnection<Node>(
  rows: readonly Node[],
  { size, backward, after, before }: Page<unknown>,
  cursorOf: (node: Node) => string,
): Connection<Node> {
  const more = rows.length > size;
  const nodes = rows.slice(0, size);
  if (backward) nodes.reverse();
  const edges = nodes.map((node) => ({ node, cursor: cursorOf(node) }));
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: backward ? before !== null : more,
      hasPreviousPage: backward ? more : after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

const LARGEST_PAGE = 100;

/** Checks `first`, or `last` of what goes on with `before`: 1 to 100. Null where nothing goes on. Throws BAD_USER_INPUT. */
export function pageSize(size: number, goesOnWith: 'after' | 'before' | null = 'after'): number {
  if (Number.isInteger(size) && size >= 1 && size <= LARGEST_PAGE) return size;
  throw badUserInput(
    `${goesOnWith === 'before' ? 'last' : 'first'} must be 1 to ${LARGEST_PAGE}, found ${size}.`,
    `Ask for 1 to ${LARGEST_PAGE}${goesOnWith === null ? '' : ` and go on with ${goesOnWith}`}.`,
  );
}

/** A page from one row more than was asked for: the extra one only says that there is more. */
export function toConnection<Node>(
  rows: readonly Node[],
  first: number,
  after: string | null | undefined,
  cursorOf: (node: Node) => string,
): Connection<Node> {
  const edges = rows.slice(0, first).map((node) => ({ node, cursor: cursorOf(node) }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: rows.length > first,
      hasPreviousPage: Boolean(after),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** An opaque cursor from the values that order the list. */
export const encodeCursor = (values: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url');

/** Throws BAD_USER_INPUT for anything this gateway did not make. */
export function decodeCursor(cursor: string, shape: readonly ('string' | 'number')[]): (string | number)[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (
      Array.isArray(values) &&
      values.length === shape.length &&
      values.every((value, at) => typeof value === shape[at])
    ) {
      return values as (string | number)[];
    }
  } catch {
    // Falls through to the one answer for every bad cursor.
  }
  throw foreignCursor(cursor);
}

type Values = readonly (string | number)[];

/** Cursors of one list; those of any other list are refused, even when they look alike. */
export function cursorsOf(list: string, shape: readonly ('string' | 'number')[]) {
  return {
    encode: (values: Values): string => encodeCursor([list, ...values]),
    /** Throws BAD_USER_INPUT for a cursor of another list and for anything this gateway did not make. */
    decode(cursor: string): (string | number)[] {
      const [of, ...values] = decodeCursor(cursor, ['string', ...shape]);
      if (of !== list) throw foreignCursor(cursor);
      return values;
    },
  };
}

const foreignCursor = (cursor: string) =>
  badUserInput(`'${cursor.slice(0, 80)}' is no cursor of this list.`, 'Pass a cursor exactly as it was given.');
