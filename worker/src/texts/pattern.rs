//! The syntax of a text: which values and other texts it names, how it chooses by a number, and how it is written in a
//! Fluent file.

use std::collections::BTreeSet;

use fluent_bundle::FluentResource;
use fluent_syntax::ast::{
    Entry, Expression, InlineExpression, Message, Pattern, PatternElement, VariantKey,
};
use shared::domain::venue::Locale;

/// What a text is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) variables: BTreeSet<String>,
    /// Other texts.
    pub(super) references: BTreeSet<String>,
    /// Numbers that have a form of their own.
    pub(super) numbers: BTreeSet<i64>,
    choices: Vec<Choice>,
    /// What no text of ours has: functions, terms, attributes, choices inside choices.
    foreign: Option<&'static str>,
}

/// A choice by a value.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Choice {
    by: Option<String>,
    /// Forms by name.
    forms: BTreeSet<String>,
}

/// A text as a message of a Fluent file. Indented, so that no line of it begins another message.
pub(super) fn message(key: &str, text: &str) -> String {
    let mut message = format!("{key} =\n");
    for line in text.lines() {
        let line = line.trim_end();
        if !line.is_empty() {
            message.push_str("    ");
            message.push_str(line);
        }
        message.push('\n');
    }
    message
}

/// The message of a file that has nothing else.
pub(super) fn only_message<'a>(
    file: &'a FluentResource,
    key: &str,
) -> Option<&'a Message<&'a str>> {
    let mut entries = file.entries();
    match (entries.next(), entries.next()) {
        (Some(Entry::Message(message)), None) => {
            let is_whole = message.attributes.is_empty() && message.value.is_some();
            (is_whole && message.id.name == key).then_some(message)
        }
        _ => None,
    }
}

impl Parts {
    pub(super) fn of(message: &Message<&str>) -> Self {
        let mut parts = Self::default();
        if let Some(pattern) = &message.value {
            parts.read(pattern, false);
        }
        parts
    }

    pub(super) fn add(&mut self, other: Self) {
        self.variables.extend(other.variables);
        self.references.extend(other.references);
    }

    fn read(&mut self, pattern: &Pattern<&str>, in_choice: bool) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { .. } => {}
                PatternElement::Placeable { expression } => self.expression(expression, in_choice),
            }
        }
    }

    fn expression(&mut self, expression: &Expression<&str>, in_choice: bool) {
        match expression {
            Expression::Inline(inline) => self.inline(inline, in_choice),
            Expression::Select { selector, variants } => {
                if in_choice {
                    self.foreign = Some("chooses inside of a choice");
                }
                self.inline(selector, in_choice);
                let by = match selector {
                    InlineExpression::VariableReference { id } => Some(id.name.to_owned()),
                    _ => None,
                };
                let mut forms = BTreeSet::new();
                for variant in variants {
                    match &variant.key {
                        VariantKey::Identifier { name } => {
                            forms.insert((*name).to_owned());
                        }
                        VariantKey::NumberLiteral { value } => {
                            if let Ok(number) = value.parse() {
                                self.numbers.insert(number);
                            } else {
                                self.foreign = Some("has a form for a number that is not whole");
                            }
                        }
                    }
                    self.read(&variant.value, true);
                }
                self.choices.push(Choice { by, forms });
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&str>, in_choice: bool) {
        match inline {
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
            InlineExpression::VariableReference { id } => {
                self.variables.insert(id.name.to_owned());
            }
            InlineExpression::MessageReference { id, attribute: None } => {
                self.references.insert(id.name.to_owned());
            }
            InlineExpression::Placeable { expression } => self.expression(expression, in_choice),
            InlineExpression::FunctionReference { .. } => {
                self.foreign = Some("calls a function, and there are none");
            }
            InlineExpression::TermReference { .. }
            | InlineExpression::MessageReference { attribute: Some(_), .. } => {
                self.foreign = Some("names a term or an attribute, and there are none");
            }
        }
    }
}

/// Whether a text is made of nothing but what the built-in one may name, and has the forms of its language.
pub(super) fn judge(
    parts: &Parts,
    allowed: &Parts,
    numbers: &[&str],
    locale: Locale,
) -> Result<(), String> {
    if let Some(foreign) = parts.foreign {
        return Err(foreign.to_owned());
    }
    if let Some(unknown) = parts.variables.difference(&allowed.variables).next() {
        return Err(format!("names {{ ${unknown} }}: {}", listed("$", &allowed.variables)));
    }
    if let Some(unknown) = parts.references.difference(&allowed.references).next() {
        return Err(format!("names {{ {unknown} }}: {}", listed("", &allowed.references)));
    }
    let mut by = BTreeSet::new();
    for choice in &parts.choices {
        let name = choice.by.as_deref().filter(|name| numbers.contains(name));
        by.insert(name.ok_or("chooses by something that is no number")?);
        judge_forms(&choice.forms, locale)?;
    }
    if by.len() > 1 { Err("chooses by two numbers".to_owned()) } else { Ok(()) }
}

fn listed(sign: &str, names: &BTreeSet<String>) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{{ {sign}{name} }}")).collect();
    if names.is_empty() {
        return "the built-in text has none".to_owned();
    }
    format!("the built-in text has {}", names.join(", "))
}

/// The forms of a number that a language has. A choice with one of the needed ones has them all.
fn judge_forms(forms: &BTreeSet<String>, locale: Locale) -> Result<(), String> {
    let (needed, others): (&[&str], &[&str]) = match locale {
        Locale::Ru => (&["one", "few"], &["many", "other"]),
        Locale::En => (&["one"], &["other"]),
    };
    for form in forms {
        if !needed.contains(&form.as_str()) && !others.contains(&form.as_str()) {
            let known = [needed, others].concat().join("], [");
            return Err(format!("has the form [{form}]: this language has [{known}]"));
        }
    }
    let is_plural = forms.contains("many") || needed.iter().any(|form| forms.contains(*form));
    match needed.iter().find(|form| !forms.contains(**form)) {
        Some(missing) if is_plural => Err(format!("lacks the form [{missing}]")),
        _ => Ok(()),
    }
}
