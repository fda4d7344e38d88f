import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  getNamedType,
  getNullableType,
  type GraphQLObjectType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import { createDocumentReader } from '../../src/graphql/read-document';
import { createSchema } from '../../src/graphql/schema';
import { projectRoot } from '../../src/project-root';

const guide = readFileSync(join(projectRoot, 'docs', 'clients.md'), 'utf8');
const schema = createSchema();
const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
const fieldsOf = (name: string) => Object.values((schema.getType(name) as GraphQLObjectType).getFields());

/** What stands between the braces behind a word in the guide's code. */
const inBraces = (word: string): string => new RegExp(`${word} = \\{([^}]*)\\}`).exec(guide)?.[1] ?? '';
const words = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, word]) => word).sort();

describe('the guide for clients', () => {
  it('shows documents that fit the schema and the limits', () => {
    const blocks = [...guide.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, block = '']) => block);

    expect(blocks.length).toBeGreaterThan(1);
    for (const block of blocks) expect(createDocumentReader(schema).read(block)).not.toHaveProperty('errors');
  });

  it('names all that exists once and has no id', () => {
    const single = fieldsOf('Query').flatMap(({ args, type }) => {
      const of = getNullableType(type);
      return args.length === 0 && isObjectType(of) && !of.getFields().id ? [of.name] : [];
    });

    expect(words(guide, /^ +(\w+): \{ keyFields: \[\] \}/gm)).toEqual(single.sort());
  });

  it('names every list that comes in pages, with the arguments that choose among lists', () => {
    const lists = ['BillingAccount', 'Invoice'].flatMap(fieldsOf).filter(({ type }) => {
      return getNamedType(type).name.endsWith('Connection') && isNonNullType(type);
    });
    const policy = lists.map(({ name, args }) => {
      const chosen = args.flatMap((arg) =>
        ['first', 'after', 'last', 'before'].includes(arg.name) ? [] : `'${arg.name}'`,
      );
      return `${name}: relayStylePagination(${chosen.length > 0 ? `[${chosen.sort().join(', ')}]` : ''})`;
    });

    for (const line of policy) expect(guide).toContain(line);
  });

  it('says of every scalar how it travels', () => {
    const own = types.filter((type) => isScalarType(type) && !isSpecifiedScalarType(type)).map(({ name }) => name);

    expect(words(inBraces('const scalars'), /^ +(\w+):/gm)).toEqual(own.sort());
  });
});
