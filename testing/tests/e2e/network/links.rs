//! Proxies before each part of the system, and their faults in random order.

use std::time::Duration;

use anyhow::Context;
use rand::{Rng, rngs::StdRng, seq::SliceRandom};
use testing::harness::proxy::{Network, Proxy};

use crate::common::{Options, World};

/// The proxies of one world.
pub(super) struct Links {
    pub ingest_redis: Proxy,
    pub ingest_postgres: Proxy,
    pub worker_redis: Proxy,
    pub worker_postgres: Proxy,
    pub worker_telegram: Proxy,
}

impl Links {
    pub fn all(&self) -> [(&'static str, &Proxy); 5] {
        [
            ("ingest-redis", &self.ingest_redis),
            ("ingest-postgres", &self.ingest_postgres),
            ("worker-redis", &self.worker_redis),
            ("worker-postgres", &self.worker_postgres),
            ("worker-telegram", &self.worker_telegram),
        ]
    }

    pub fn set(&self, network: Network) {
        self.all().iter().for_each(|(_, proxy)| proxy.set(network));
    }
}

/// A world whose programs reach everything through proxies.
pub(super) async fn world_of_links(
    options: Options,
    workers: usize,
) -> anyhow::Result<(World, Links)> {
    let mut world = World::start(options.ingests(0).workers(0)).await?;
    let direct = world.settings.clone();
    let through = async |name: &str| {
        Proxy::before_url(direct.get(name).context("a setting of each world")?).await
    };
    let (ingest_redis, redis) = through("REDIS_URL").await?;
    let (ingest_postgres, postgres) = through("DATABASE_URL").await?;
    world.settings = direct.with([("REDIS_URL", redis), ("DATABASE_URL", postgres)]);
    world.start_ingest()?;
    let (worker_redis, redis) = through("REDIS_URL").await?;
    let (worker_postgres, postgres) = through("DATABASE_URL").await?;
    let (worker_telegram, telegram) = through("TELEGRAM_API_URL").await?;
    world.settings = direct.with([
        ("REDIS_URL", redis),
        ("DATABASE_URL", postgres),
        ("TELEGRAM_API_URL", telegram),
    ]);
    world.launch(0, workers).await?;
    world.settings = direct;
    let links =
        Links { ingest_redis, ingest_postgres, worker_redis, worker_postgres, worker_telegram };
    Ok((world, links))
}

/// Each link is broken in each way once, in a random order.
pub(super) async fn break_each(links: &Links, random: &mut StdRng) {
    let ways = [
        Network::Refusing,
        Network::Silent,
        Network::CutBeforeAnswer,
        Network::CutAfter(random.random_range(100..3_000)),
        Network::Slow(Duration::from_millis(random.random_range(50..200))),
    ];
    let all = links.all();
    let mut faults: Vec<_> =
        all.iter().flat_map(|link| ways.iter().map(move |way| (*link, *way))).collect();
    faults.shuffle(random);
    for ((name, proxy), way) in faults {
        eprintln!("{name}: {way:?}");
        if name == "ingest-postgres" {
            // Ingest uses PostgreSQL only while Redis is away.
            links.ingest_redis.set(Network::Refusing);
        }
        proxy.set(way);
        tokio::time::sleep(Duration::from_millis(random.random_range(300..900))).await;
        links.set(Network::Well);
        tokio::time::sleep(Duration::from_millis(random.random_range(50..300))).await;
    }
}
