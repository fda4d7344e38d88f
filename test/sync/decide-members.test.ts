import { decideMembers } from '../../src/sync/decide-members.js';

const member = (id: string, accountId: string | null = 'acc_1') => ({ id, accountId });
const live = { accountId: 'acc_1', deletedAt: null };

describe('the members of a customer', () => {
  it('are those of a list that was seen, and the others are gone', () => {
    expect(decideMembers([member('a'), member('b')], [{ id: 'b' }, { id: 'c' }], live)).toEqual({
      kept: [member('b'), member('c')],
      removed: ['a'],
    });
  });

  it('are all gone when the list is empty', () => {
    expect(decideMembers([member('a')], [], live)).toEqual({ kept: [], removed: ['a'] });
  });

  it('stay when nobody looked, and get their owner when the customer does', () => {
    expect(decideMembers([member('a', null)], null, live)).toEqual({ kept: [member('a')], removed: [] });
  });

  it('are gone with the customer, whatever was seen', () => {
    expect(decideMembers([member('a')], [{ id: 'a' }], { accountId: 'acc_1', deletedAt: 1 })).toEqual({
      kept: [],
      removed: ['a'],
    });
  });
});
