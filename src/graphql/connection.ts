import { type ClassType, Field, ObjectType } from 'type-graphql';
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
}

/** The two Relay types of a node: `<Name>Connection` and `<Name>Edge`. */
export function connectionOf<Node extends object>(
  name: string,
  node: () => ClassType<Node>,
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
  return NodeConnection;
}

const LARGEST_PAGE = 100;

/** Checks `first`: 1 to 100. Throws BAD_USER_INPUT. */
export function pageSize(first: number): number {
  if (Number.isInteger(first) && first >= 1 && first <= LARGEST_PAGE) return first;
  throw badUserInput(
    `first must be 1 to ${LARGEST_PAGE}, found ${first}.`,
    `Ask for at most ${LARGEST_PAGE} and go on with after.`,
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
  throw badUserInput(`'${cursor.slice(0, 80)}' is no cursor of this list.`, 'Pass a cursor exactly as it was given.');
}
