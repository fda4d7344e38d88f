import { getNamedType, type GraphQLInterfaceType, isCompositeType, validate, parse } from 'graphql';
import { createSchema } from '../../src/graphql/schema';

describe('the errors of a mutation', () => {
  it('can all be asked for in one document, each with everything it has', () => {
    const schema = createSchema();
    const userError = schema.getType('UserError') as GraphQLInterfaceType;
    const kinds = schema.getImplementations(userError).objects.map((kind) => {
      const fields = Object.values(kind.getFields()).map(({ name, type }) =>
        isCompositeType(getNamedType(type)) ? `${name} { __typename }` : name,
      );
      return `... on ${kind.name} { ${fields.join(' ')} }`;
    });
    const document = `fragment Errors on UserError { ${kinds.join(' ')} }
      mutation { cancelPendingChange(input: {}) { userErrors { ...Errors } } }`;

    expect(kinds.length).toBeGreaterThan(5);
    expect(validate(schema, parse(document))).toEqual([]);
  });
});
