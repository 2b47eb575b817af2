use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::Error;

/// An address, or all addresses that begin like it: `10.1.2.3`, `10.0.0.0/8`, `2001:db8::/32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Only this address.
    pub fn address(address: IpAddr) -> Self {
        Self { address, bits: width(address) }
    }

    fn is_address(self) -> bool {
        self.bits == width(self.address)
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

impl FromStr for Network {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let problem = || Error::InvalidNetwork(text.to_owned());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| problem())?;
        match bits.map(str::parse::<u8>) {
            None => Ok(Self::address(address)),
            Some(Ok(bits)) if bits <= width(address) => Ok(Self { address, bits }),
            Some(_) => Err(problem()),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_address() {
            true => write!(f, "{}", self.address),
            false => write!(f, "{}/{}", self.address, self.bits),
        }
    }
}
