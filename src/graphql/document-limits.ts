import { GraphQLError, Kind } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import { BillingError } from '../errors.js';

/** What one document may ask for. Fragments count as often as they are spread. */
export const documentLimits = {
  /** Longest document text, in UTF-8 bytes. */
  bytes: 16_384,
  tokens: 2_000,
  /** Fields inside each other; a full introspection query needs 15. */
  depth: 15,
  aliases: 30,
  fields: 300,
} as const;

interface Extent {
  depth: number;
  aliases: number;
  fields: number;
}

/**
 * Why a parsed document asks for too much, or undefined. Works on the bare document and visits each fragment once, so that
 * it can run before validation, which is what the worst documents want to make expensive. Circles count as endless.
 */
export function findExcess(document: DocumentNode): GraphQLError | undefined {
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const extents = operations.map(measureWith(document));
  for (const name of ['depth', 'aliases', 'fields'] as const) {
    const found = name === 'depth' ? largest(extents) : extents.reduce((sum, extent) => sum + extent[name], 0);
    if (found > documentLimits[name]) return tooComplex(name, found);
  }
  return undefined;
}

function measureWith(document: DocumentNode): (operation: OperationDefinitionNode) => Extent {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const measured = new Map<string, Extent>();

  function measureFragment(name: string): Extent {
    const known = measured.get(name);
    if (known) return known;
    const fragment = fragments.get(name);
    // Until a fragment is measured, meeting it again means a circle.
    measured.set(name, { depth: Infinity, aliases: 0, fields: 0 });
    const extent = fragment ? measure(fragment.selectionSet) : { depth: 0, aliases: 0, fields: 0 };
    measured.set(name, extent);
    return extent;
  }

  function measure(set: SelectionSetNode): Extent {
    const total: Extent = { depth: 0, aliases: 0, fields: 0 };
    for (const node of set.selections) {
      if (node.kind === Kind.FRAGMENT_SPREAD) add(total, measureFragment(node.name.value));
      else if (node.kind === Kind.INLINE_FRAGMENT) add(total, measure(node.selectionSet));
      else {
        const inner = node.selectionSet ? measure(node.selectionSet) : { depth: 0, aliases: 0, fields: 0 };
        add(total, {
          depth: inner.depth + 1,
          aliases: inner.aliases + (node.alias ? 1 : 0),
          fields: inner.fields + 1,
        });
      }
    }
    return total;
  }

  return (operation) => measure(operation.selectionSet);
}

function add(total: Extent, part: Extent): void {
  total.depth = Math.max(total.depth, part.depth);
  total.aliases += part.aliases;
  total.fields += part.fields;
}

function largest(extents: Extent[]): number {
  return Math.max(0, ...extents.map((extent) => extent.depth));
}

/** What an operation could answer is more than an answer may hold. */
export function tooCostly(cost: number, limit: number): GraphQLError {
  const error = new BillingError(
    'QUERY_TOO_COMPLEX',
    `An answer may hold ${limit} fields; this document asks for up to ${cost}, counted for every entry of its lists.`,
    { hint: 'Ask for shorter pages by `first` or `last`, or for fewer fields of long lists.' },
  );
  return new GraphQLError(error.message, { originalError: error });
}

/** A text nested so deeply that its parser gives up before anything can be counted. */
export function tooNested(): GraphQLError {
  const error = new BillingError(
    'QUERY_TOO_COMPLEX',
    'The document nests its values or fields too deeply to be read.',
    {
      hint: `Nest no deeper than ${documentLimits.depth} levels.`,
    },
  );
  return new GraphQLError(error.message, { originalError: error });
}

function tooComplex(name: 'depth' | 'aliases' | 'fields', found: number): GraphQLError {
  const words = { depth: 'levels of fields', aliases: 'aliases', fields: 'fields' }[name];
  const shown = Number.isFinite(found) ? String(found) : 'no end';
  const error = new BillingError(
    'QUERY_TOO_COMPLEX',
    `A document may have ${documentLimits[name]} ${words}; this one has ${shown} of them, fragments counted as often as they are spread.`,
    { hint: 'Split the document or ask for less.' },
  );
  return new GraphQLError(error.message, { originalError: error });
}
