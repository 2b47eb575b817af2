//! Why: the actions of a transaction, as a tree.

use maud::{Markup, html};
use serde_json::Value;
use threadline::{ActionRecord, ActorRef, Filter};

use crate::pages::site::Names;
use crate::view::{self, Level, Links, actor, badge, counted, json_tree, link, visible};

/// Actions that are nested deeper stand beside each other.
const DEEPEST: usize = 8;
/// No more actions are shown.
const MOST: usize = 100;

/// One action.
#[derive(Clone, Debug, Default)]
pub(super) struct Meant {
    pub(super) id: i64,
    pub(super) parent: Option<i64>,
    pub(super) name: String,
    pub(super) actor: Option<ActorRef>,
    pub(super) status: String,
    /// What it is grouped by.
    pub(super) groups: Vec<String>,
    pub(super) reason: Option<String>,
    pub(super) comment: Option<String>,
    pub(super) meta: Option<Value>,
}

impl From<&ActionRecord> for Meant {
    fn from(action: &ActionRecord) -> Self {
        let groups = [&action.verb, &action.category];
        Self {
            id: action.id,
            parent: action.parent_id,
            name: action.name.clone(),
            actor: action.actor.clone(),
            status: action.status.clone(),
            groups: groups.into_iter().flatten().cloned().collect(),
            reason: action.reason.clone(),
            comment: action.comment.clone(),
            meta: action.meta.clone(),
        }
    }
}

/// What was meant by a transaction, of its actor `who`.
pub(super) fn tree(
    actions: &[Meant],
    who: Option<&ActorRef>,
    names: &Names,
    links: &Links,
) -> Markup {
    let shown = &actions[..actions.len().min(MOST)];
    let tree = Tree { actions: shown, parents: parents(shown), who, names, links };
    html! {
        (tree.branch(None))
        @if actions.len() > MOST {
            p.meta { "… and " (counted((actions.len() - MOST) as u64, "more action", "more actions")) }
        }
    }
}

struct Tree<'a> {
    actions: &'a [Meant],
    /// Below which other one each action stands, by their places.
    parents: Vec<Option<usize>>,
    who: Option<&'a ActorRef>,
    names: &'a Names,
    links: &'a Links,
}

/// Where each action stands. One whose parent is not there, as in another scope, stands by itself.
fn parents(actions: &[Meant]) -> Vec<Option<usize>> {
    let mut parents: Vec<Option<usize>> = Vec::with_capacity(actions.len());
    let mut depths: Vec<usize> = Vec::with_capacity(actions.len());
    for (place, action) in actions.iter().enumerate() {
        let found = actions[..place].iter().position(|other| Some(other.id) == action.parent);
        let parent = match found {
            Some(above) if depths[above] >= DEEPEST => parents[above],
            found => found,
        };
        depths.push(parent.map_or(0, |above| depths[above] + 1));
        parents.push(parent);
    }
    parents
}

impl Tree<'_> {
    fn branch(&self, below: Option<usize>) -> Markup {
        let here: Vec<usize> =
            (0..self.actions.len()).filter(|place| self.parents[*place] == below).collect();
        html! {
            @if !here.is_empty() {
                ul.deeds {
                    @for place in here {
                        li { (self.action(&self.actions[place])) (self.branch(Some(place))) }
                    }
                }
            }
        }
    }

    fn action(&self, action: &Meant) -> Markup {
        let filter = Filter::new().action(action.name.as_str());
        let other = action.actor.as_ref().filter(|actor| Some(*actor) != self.who);
        html! {
            span.action { strong { (link(&action.name, &self.links.timeline(&filter))) } }
            @if action.status != "ok" {
                " " (badge(Level::Bad, if action.status == "error" { "failed" } else { &action.status }))
            }
            @for group in &action.groups { " " span.meta { (visible(group)) } }
            @if let Some(reason) = &action.reason { " " span.meta { "reason " } "“" (visible(reason)) "”" }
            @if let Some(other) = other {
                " " span.meta { "by " } (actor(other, self.names.get(other).map(String::as_str), Some(&self.links.actor(other))))
            }
            @if let Some(comment) = &action.comment { p.comment { (told(comment)) } }
            @if let Some(meta) = &action.meta {
                details { summary { "What the action carries" } (json_tree(meta)) }
            }
        }
    }
}

/// A remark for people, whole if it is one that people read.
fn told(comment: &str) -> Markup {
    match comment.len() {
        ..=600 => visible(comment),
        _ => view::folded(comment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(id: i64, parent: Option<i64>, name: &str) -> Meant {
        Meant { id, parent, name: name.to_owned(), status: "ok".to_owned(), ..Meant::default() }
    }

    #[test]
    fn an_action_stands_below_its_parent_and_without_one_by_itself() {
        let actions = [
            action(1, None, "outer"),
            action(2, Some(1), "inner"),
            action(3, Some(2), "innermost"),
            action(4, Some(77), "of another scope"),
        ];
        assert_eq!(parents(&actions), [None, Some(0), Some(1), None]);
    }

    #[test]
    fn a_thousand_levels_are_no_thousand_lists() {
        let actions: Vec<_> =
            (0..1_000).map(|id| action(id, (id > 0).then_some(id - 1), "again")).collect();
        let links = Links::new("/audit");
        let drawn = tree(&actions, None, &Names::new(), &links).into_string();
        assert_eq!(drawn.matches("<ul").count(), DEEPEST + 1);
        assert_eq!(drawn.matches("again").count(), 2 * MOST, "as text and in its link");
        assert!(drawn.contains("900 more actions"), "{drawn}");
    }
}
