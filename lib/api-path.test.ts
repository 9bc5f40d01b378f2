import { expect, test } from 'vitest'
import { getGroupContract, listGroupsContract } from '../contracts/groups.ts'
import { contractUrl, decodeSegment, encodeSegment } from './api-path.ts'

const names = ['orders', 'a b', 'a/b', 'a\\b', '100%', '.', '..', '', '~x', '组', 'a\nb', 'é/~?#&']

test.each(names)('carries the name %j through a URL path and back', (name) => {
  const url = new URL(`http://host/groups/${encodeSegment(name)}/lag`)
  const [, , segment, last] = url.pathname.split('/')
  expect(last).toBe('lag')
  expect(decodeSegment(decodeURIComponent(segment ?? ''))).toBe(name)
})

test('refuses a ~ form that is not base64url of UTF-8', () => {
  expect(decodeSegment('~a+b')).toBeNull()
  expect(decodeSegment('~_w')).toBeNull()
})

test('builds the address of an endpoint', () => {
  const params = { cluster: 'embedded', group: 'a/b' }
  expect(contractUrl(getGroupContract, { params })).toBe('/api/v1/clusters/embedded/groups/~YS9i')
  const query = { search: 'x y', page: 2, state: undefined }
  expect(contractUrl(listGroupsContract, { params: { cluster: 'embedded' }, query })).toBe(
    '/api/v1/clusters/embedded/groups?search=x+y&page=2',
  )
})
