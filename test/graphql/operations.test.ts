import { createDocumentReader } from '../../src/graphql/read-document';
import { createSchema } from '../../src/graphql/schema';
import { readOperations } from '../../src/http/assets';

const reader = createDocumentReader(createSchema());

describe('the named operations', () => {
  it.each(readOperations().map(({ name, query }) => [name, query]))(
    'fit the schema and the limits: %s',
    (_name, query) => {
      expect(reader.read(query)).not.toHaveProperty('errors');
    },
  );

  it('open as tabs in the order of the story', () => {
    expect(
      readOperations()
        .map(({ name }) => name)
        .slice(0, 3),
    ).toEqual(['plans', 'create-checkout-session', 'account-updated']);
  });
});
