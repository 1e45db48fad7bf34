import { type RandomClient, send } from './random-client.ts'

/**
 * One of each state that a random run usually leaves behind, for a checker that is to be shown a fault in each: an account
 * below zero, something rejected, cancelled, approved and reversed, and a spending that nothing came after.
 */
export async function oneOfEach(owner: RandomClient, child: RandomClient): Promise<void> {
  const account_id = await openOverdrawable(owner)
  const ask = async (client: RandomClient, amount: string): Promise<string> => {
    const body = { type: 'expense', account_id, amount, currency: 'EUR' }
    return idOf(await change(client, '/transactions', body), 201)
  }
  const wish = () => ask(child, '5.00')
  idOf(await change(owner, `/transactions/${await wish()}/approve`, {}), 200)
  idOf(await change(owner, `/transactions/${await wish()}/reject`, { reason: 'not now' }), 200)
  idOf(await change(child, `/transactions/${await wish()}/cancel`, {}), 200)
  const mistake = await ask(owner, '7.00')
  idOf(await change(owner, `/transactions/${mistake}/reverse`, { reason: 'a mistake' }), 201)
  await ask(owner, '9.00')
}

const change = (client: RandomClient, target: string, body: object) =>
  send(client, { target, body, key: client.random.uuid() })

async function openOverdrawable({ replicas, random }: RandomClient): Promise<string> {
  const body = {
    name: 'Below zero',
    kind: 'bank',
    currency: 'EUR',
    opening_balance: '0',
    overdraft_limit: '500',
  }
  const request = { target: '/api/v1/accounts', body: JSON.stringify(body), idempotencyKey: random.uuid() }
  return idOf(await replicas[0]!.send({ method: 'POST', ...request }), 201)
}

function idOf({ status, body }: { status: number; body: unknown }, expected: number): string {
  if (status !== expected)
    throw new Error(`Answered ${status} instead of ${expected}: ${JSON.stringify(body)}`)
  return (body as { id: string }).id
}
