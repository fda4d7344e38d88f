import { getNamedType, type GraphQLInterfaceType, isCompositeType, validate, parse } from 'graphql';
import { createSchema } from '../../src/graphql/schema';
import { commonFieldsOf } from '../../src/graphql/user-errors';
import type { Parts } from '../../src/parts';
import { Refusal, UserErrorCode } from '../../src/refusal';

describe('the errors of a mutation', () => {
  it('say what to do next, also where a refusal has no words of its own for it', () => {
    const parts = { publicUrl: 'https://billing.example.com' } as Parts;
    const { QUANTITY_OUT_OF_RANGE: code } = UserErrorCode;

    expect(commonFieldsOf(new Refusal(code, 'seats must be at most 5.'), { parts })).toEqual({
      ...{ code, message: 'seats must be at most 5.', field: null, docsUrl: `${parts.publicUrl}/errors/${code}` },
      hint: 'Ask for a number within the range that the message names.',
    });
    expect(commonFieldsOf(new Refusal(code, 'No.', { hint: 'Take two.' }), { parts }).hint).toBe('Take two.');
  });

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
