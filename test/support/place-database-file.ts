/** Writes small databases in MaxMind's format, of the test's own networks (format: maxmind.github.io/MaxMind-DB). */

type Value = string | number | Value[] | { [key: string]: Value }

export interface PlacedNetwork {
  /** IPv4. */
  network: `${string}/${number}`
  record: { [key: string]: Value }
}

/** As City databases have them: also what nobody reads here. */
export function cityRecord(city: string, region: string, country: string): PlacedNetwork['record'] {
  return {
    city: { geoname_id: 1, names: { de: `${city} (de)`, en: city } },
    country: { iso_code: country, names: { en: country } },
    subdivisions: [{ iso_code: 'XX', names: { en: region } }, { names: { en: 'a district' } }],
  }
}

/** A database of IPv6, in which IPv4 lies where it does in MaxMind's. */
export function placeDatabase(networks: PlacedNetwork[], type = 'GeoLite2-City'): Buffer {
  const nodes: Node[] = [[undefined, undefined]]
  const data: Buffer[] = []
  let dataBytes = 0
  for (const { network, record } of networks) {
    insert(nodes, bitsOf(network), { data: dataBytes })
    data.push(encode(record))
    dataBytes += data.at(-1)?.length ?? 0
  }
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    database_type: type,
    ip_version: 6,
    languages: ['de', 'en'],
    node_count: nodes.length,
    record_size: 32,
  })
  return Buffer.concat([writeTree(nodes), Buffer.alloc(16), ...data, metadataMark, metadata])
}

const metadataMark = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')

type Leaf = number | { data: number } | undefined
type Node = [Leaf, Leaf]

function bitsOf(network: string): number[] {
  const [address = '', length = '32'] = network.split('/')
  const bits = address
    .split('.')
    .flatMap((part) => [...Number(part).toString(2).padStart(8, '0')].map(Number))
  return [...Array(96).fill(0), ...bits.slice(0, Number(length))]
}

function insert(nodes: Node[], bits: number[], leaf: Leaf): void {
  let at = 0
  for (const [depth, bit] of bits.entries()) {
    const node = nodes[at] as Node
    if (depth === bits.length - 1) node[bit] = leaf
    else {
      if (node[bit] === undefined) node[bit] = nodes.push([undefined, undefined]) - 1
      at = node[bit] as number
    }
  }
}

function writeTree(nodes: Node[]): Buffer {
  const tree = Buffer.alloc(nodes.length * 8)
  for (const [index, node] of nodes.entries()) {
    for (const [side, leaf] of node.entries()) {
      const value = typeof leaf === 'object' ? nodes.length + 16 + leaf.data : (leaf ?? nodes.length)
      tree.writeUInt32BE(value, index * 8 + side * 4)
    }
  }
  return tree
}

const types = { string: 2, uint32: 6, map: 7, array: 11 }

function encode(value: Value): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value)
    return Buffer.concat([control(types.string, text.length), text])
  }
  if (typeof value === 'number') {
    const number = Buffer.alloc(4)
    number.writeUInt32BE(value)
    return Buffer.concat([control(types.uint32, 4), number])
  }
  if (Array.isArray(value)) return Buffer.concat([control(types.array, value.length), ...value.map(encode)])
  const entries = Object.entries(value)
  return Buffer.concat([control(types.map, entries.length), ...entries.flat().map(encode)])
}

/** Of a value of up to 28 bytes, keys or elements. */
function control(type: number, size: number): Buffer {
  return type > 7 ? Buffer.of(size, type - 7) : Buffer.of((type << 5) | size)
}
