import { describe, expect, it } from 'vitest'
import { isPublicAddress, parseAllowedNetworks } from './networks.ts'

describe('an address of the internet', () => {
  it.each(['8.8.8.8', '1.1.1.1', '93.184.215.14', '2606:4700:4700::1111', '2a00:1450:4003:80f::1'])(
    'is %s',
    (address) => expect(isPublicAddress(address)).toBe(true),
  )

  it.each([
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['link-local', '169.254.169.254'],
    ['shared address space (CGNAT)', '100.64.0.1'],
    ['protocol assignments', '192.0.0.192'],
    ['documentation', '192.0.2.1'],
    ['documentation', '203.0.113.9'],
    ['benchmarking', '198.18.0.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['mapped', '::ffff:127.0.0.1'],
    ['mapped', '::ffff:7f00:1'],
    ['mapped, of a public one', '::ffff:8.8.8.8'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['IPv4-translated', '::ffff:0:127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['NAT64 of a network', '64:ff9b:1::1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001::1'],
    ['unique local', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['documentation', '2001:db8::1'],
    ['discard', '100::1'],
    ['no address', 'localhost'],
    ['no address', ''],
  ])('is not one that is %s: %s', (_kind, address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('what an operator allows', () => {
  const allowed = parseAllowedNetworks('127.0.0.0/8, ::1/128 ,10.1.2.3,receiver.internal')

  it.each(['127.0.0.1', '127.9.9.9', '::1', '10.1.2.3'])('holds %s', (address) => {
    expect(allowed.allowsAddress(address)).toBe(true)
  })

  it.each(['10.1.2.4', '::2', '::ffff:127.0.0.1', '8.8.8.8', 'receiver.internal'])(
    'does not hold %s',
    (address) => expect(allowed.allowsAddress(address)).toBe(false),
  )

  it('names hosts whole and in any case', () => {
    expect(allowed.allowsHost('Receiver.Internal')).toBe(true)
    expect(allowed.allowsHost('x.receiver.internal')).toBe(false)
  })

  it('is nothing unless something is named', () => {
    const nothing = parseAllowedNetworks('')
    expect(nothing.allowsAddress('127.0.0.1')).toBe(false)
    expect(nothing.allowsHost('localhost')).toBe(false)
  })

  it.each(['10.0.0.0/33', '127.1', '999.1.1.1', 'http://x', 'a b', '10.0.0.0/'])(
    'is never guessed from %s',
    (entry) => expect(() => parseAllowedNetworks(entry)).toThrow('WEBHOOK_ALLOWED_NETWORKS'),
  )
})
