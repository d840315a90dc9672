// One of the SDKs for Node as its documentation shows it. Arguments: name of the SDK, address, key, count.
const [sdk, address, key, count] = process.argv.slice(2)

const CLIENTS = {
  '@segment/analytics-node': ({ Analytics }) => new Analytics({ writeKey: key, host: address, flushAt: 20 }),
  'analytics-node': (Analytics) => new Analytics(key, { host: address, flushAt: 20 }),
  '@rudderstack/rudder-sdk-node': (Analytics) => new Analytics(key, { dataPlaneUrl: address, flushAt: 20, flushInterval: 50 }),
}
const client = CLIENTS[sdk](require(sdk))
let waiting = 0
const failed = (error) => { console.error(error); process.exitCode = 1 }
const taken = (error) => { waiting -= 1; if (error) failed(error) }
const send = (method, message) => { waiting += 1; client[method](message, taken) }
client.on?.('error', failed)

for (let number = 0; number < Number(count); number++) {
  send('track', { userId: `u-${number}`, event: 'Product Viewed', properties: { price: 12.5, name: 'Tee, grün' } })
}
send('identify', { userId: 'u-identify', traits: { plan: 'gold' } })
send('page', { userId: 'u-page', name: 'Start', properties: { path: '/' } })
send('screen', { userId: 'u-screen', name: 'Home' })
send('group', { userId: 'u-group', groupId: 'g-1', traits: { name: 'Tea & Co' } })
send('alias', { userId: 'u-alias', previousId: 'u-before' })

const close = async () => {
  if (client.closeAndFlush) await client.closeAndFlush()
  else await client.flush()
  const deadline = Date.now() + 20_000
  while (waiting > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
  if (waiting > 0) failed(`${waiting} messages were never answered`)
  process.exit()
}
close().catch(failed)
